import type { DetectedRow } from '../detect/assemble.ts';
import type { RefusalCode } from '../detect/classify.ts';
import type { Candidate, ScrapeTarget } from '../detect/types.ts';
import type { Container } from '../docker/engine.ts';
import { suggest } from '../exporters/suggestions.ts';
import { plural } from '../words.ts';

/** What an application answers at another path, behind a login or a check of the Host header, and what is meant as metrics. */
const LIKE_AN_APPLICATION: ReadonlySet<string> = new Set<RefusalCode>([
  'not-found',
  'unauthorized',
  'host-refused',
  'bom',
  'json-string',
  'not-utf8',
  'no-eof',
  'broken-metrics',
  'compressed',
  'bad-headers',
]);

/** Names that are shown; `monitor detect` has all. */
const MOST_SHOWN = 3;

/**
 * One line on the containers that gave no metrics though a person may expect some: a label asks for them, or what
 * answered is like an application. Web pages, servers that exporters are for, and what does not answer at all say
 * nothing of that kind; nor does a container with a target. `undefined` where there is none. Pure.
 */
export const overlookedHint = (
  rows: readonly DetectedRow[],
  candidates: readonly Candidate[],
  targets: readonly Pick<ScrapeTarget, 'containerId'>[],
): string | undefined => {
  const served = new Set(
    rows.filter((r) => r.verdict !== 'refused' && r.verdict !== 'skipped').map((r) => r.container),
  );
  const isServed = ({ name, id }: Container): boolean =>
    served.has(name) || targets.some(({ containerId }) => containerId === id);
  const refused = new Map(rows.filter((r) => r.verdict === 'refused').map((r) => [placeOf(r), r.code]));
  const expected = candidates.filter((candidate) => {
    const { container, port, metrics_path } = candidate;
    const code = refused.get(placeOf({ container: container.name, port, metrics_path }));
    return code !== undefined && !isServed(container) && isNews(code, candidate);
  });
  const names = [...new Set(expected.map((c) => c.container.name))].sort();
  const [only = ''] = names;
  if (names.length === 0) return undefined;
  const shown = `${names.slice(0, MOST_SHOWN).join(', ')}${names.length > MOST_SHOWN ? ', …' : ''}`;
  return `${plural(names.length, 'container')} gave no metrics (${shown}): \`monitor explain ${names.length === 1 ? only : 'NAME'}\` tells why`;
};

const placeOf = ({ container, port, metrics_path }: Pick<DetectedRow, 'container' | 'port' | 'metrics_path'>): string =>
  `${container}:${port}${metrics_path}`;

const isNews = (code: string, { source, container }: Candidate): boolean =>
  source === 'label' || (LIKE_AN_APPLICATION.has(code) && suggest([container], () => false).length === 0);
