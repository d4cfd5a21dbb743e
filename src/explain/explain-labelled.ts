import { isRowOf } from '../detect/assemble.ts';
import { readLabels } from '../detect/labels.ts';
import { splitAddress } from '../detect/place.ts';
import type { Candidate, LabelWarning } from '../detect/types.ts';
import type { Container } from '../docker/engine.ts';
import type { ExplainedRow } from '../output/report.ts';
import { recognizeFor } from '../stack/detection.ts';
import type { Snapshot } from '../stack/model.ts';
import type { Session } from '../stack/session.ts';
import type { Subject } from './evidence.ts';
import { explainRows, row, verdictsOn } from './explain-container.ts';

/** Endpoints of some containers that labels ask to have scraped and that are no targets, and labels that cannot be used. */
export const explainLabelled = async (
  session: Session,
  observed: Snapshot,
  subjects: readonly Subject[],
  isMeant: (container: Container) => boolean,
): Promise<ExplainedRow[]> => {
  const { candidates, warnings } = recognizeFor(session, observed);
  const missing = missingEndpoints(candidates, subjects).filter((c) => isMeant(c.container));
  const unusable = unusableLabels(warnings, subjects).filter((w) => isMeant(w.container));
  const rows =
    missing.length === 0
      ? []
      : await verdictsOn(session, observed, ({ id }) => missing.some((c) => c.container.id === id));
  const explained = await explainRows(
    session,
    observed,
    rows.filter((r) => r.verdict !== 'configured' && missing.some((c) => isRowOf(r, c))),
  );
  return [...explained, ...unusable.map(unusableRow)];
};

/** Of what a label asks for, by its port or by `scrape` alone, that which is no target. Pure. */
export const missingEndpoints = (candidates: readonly Candidate[], subjects: readonly Subject[]): Candidate[] =>
  candidates.filter(
    (c) => (c.source === 'label' || (c.source === 'image' && asks(c.container))) && !subjects.some((s) => isAt(s, c)),
  );

const asks = ({ labels }: Container): boolean => readLabels(labels).scrape === 'yes';

const isAt = ({ container, endpoint }: Subject, candidate: Candidate): boolean =>
  container?.id === candidate.container.id &&
  Number(splitAddress(endpoint.address).port) === candidate.port &&
  [candidate.metrics_path, encodeURI(candidate.metrics_path)].includes(endpoint.metrics_path);

/** Labels that ask for a scrape and name no port that could be meant, one a container; not where it has a target. Pure. */
export const unusableLabels = (warnings: readonly LabelWarning[], subjects: readonly Subject[]): LabelWarning[] => {
  const served = new Set(subjects.map((s) => s.container?.id));
  const found = new Map<string, LabelWarning>();
  for (const warning of warnings) {
    const { id, labels } = warning.container;
    const { scrapeLabel, portLabel, ports } = readLabels(labels);
    const isAboutPorts = ports.length === 0 && [scrapeLabel, portLabel].includes(warning.label);
    if (isAboutPorts && !served.has(id) && !found.has(id)) found.set(id, warning);
  }
  return [...found.values()];
};

const unusableRow = ({ container, label, problem }: LabelWarning): ExplainedRow =>
  row(container, {
    code: 'unusable-label',
    cause: `its label ${label} does not say which port: ${problem}`,
    remedy: 'give it the label prometheus.io/port: "PORT" with the port at which it serves metrics',
  });
