import { type DetectedRow, isRowOf } from '../detect/assemble.ts';
import { readLabels } from '../detect/labels.ts';
import { splitAddress } from '../detect/place.ts';
import { isCalled, reach } from '../detect/reach.ts';
import type { Candidate, LabelWarning } from '../detect/types.ts';
import type { Container } from '../docker/engine.ts';
import { suggest } from '../exporters/suggestions.ts';
import type { ExplainedRow, Explanation } from '../output/report.ts';
import { detect, recognizeFor } from '../stack/detection.ts';
import { isOfAnyStack, LABEL } from '../stack/labels.ts';
import type { Snapshot } from '../stack/model.ts';
import { resolveTargets } from '../stack/resolve-targets.ts';
import type { Session } from '../stack/session.ts';
import { byState, ontoANetwork } from './causes-container.ts';
import { inspect } from './containers.ts';
import { explainedRow } from './diagnose.ts';
import type { Subject } from './evidence.ts';
import { gather } from './gather.ts';

/**
 * Why a container is not a target, port by port, or at the port of a `name:port` or `name:port/path`; `undefined` where
 * there is no such container.
 */
export const explainContainer = async (
  session: Session,
  observed: Snapshot,
  word: string,
): Promise<ExplainedRow[] | undefined> => {
  const [, name = word, port, path] = named(observed, word) === undefined ? (ADDRESS.exec(word) ?? []) : [];
  const container = named(observed, name);
  if (container === undefined) return undefined;
  const stack = container.labels[LABEL.stack];
  if (stack !== undefined) {
    return [
      missing(container, { code: 'of-a-stack', cause: `it belongs to the stack "${stack}" and serves no application` }),
    ];
  }
  if (!session.loaded.config.detect.enabled) {
    return [
      missing(container, {
        code: 'detection-off',
        cause: 'monitor.yml names no target of it, and detection is off (`detect.enabled: false`)',
        remedy: `\`monitor add-target ${container.name}:PORT\` names one`,
      }),
    ];
  }
  const rows = await explainDetection(
    session,
    observed,
    ({ id }) => id === container.id,
    (row) =>
      port === undefined ||
      row.port === undefined ||
      (row.port === Number(port) && (path === undefined || row.metrics_path === path)),
  );
  if (rows.length > 0 || port === undefined) return rows;
  const notAsked = missing(container, {
    code: 'not-asked',
    cause: `its port ${Number(port)} is not asked: no label names it, its image is not known for it, and it is not exposed`,
    remedy: `\`monitor add-target ${container.name}:${Number(port)}\` names it, or the label prometheus.io/port: "${Number(port)}" does`,
  });
  return [{ ...notAsked, target: `${container.name}:${Number(port)}` }];
};

/** As `explain` and `status` print it: with the path, where that is not the usual one. */
const ADDRESS = /^([^/]+):(\d{1,5})(\/.*)?$/;

const named = ({ containers }: Snapshot, word: string): Container | undefined =>
  containers.find((c) => c.name === word) ?? containers.find((c) => isCalled(c, word) || isShortId(c, word));

export const isShortId = ({ id }: Container, word: string): boolean =>
  /^[0-9a-f]{6,64}$/.test(word) && id.startsWith(word);

const missing = (container: Container, finding: Explanation): ExplainedRow => ({
  target: container.name,
  container: container.name,
  health: 'missing',
  ...finding,
});

/** Endpoints of some containers that labels ask to have scraped and that are no targets, and labels that cannot be used. */
export const explainLabelled = async (
  session: Session,
  observed: Snapshot,
  subjects: readonly Subject[],
  isMeant: (container: Container) => boolean,
): Promise<ExplainedRow[]> => {
  const { candidates, warnings } = recognizeFor(session, observed);
  const asked = missingEndpoints(candidates, subjects).filter((c) => isMeant(c.container));
  const explained =
    asked.length === 0
      ? []
      : await explainDetection(
          session,
          observed,
          ({ id }) => asked.some((c) => c.container.id === id),
          (row) => row.verdict !== 'configured' && asked.some((c) => isRowOf(row, c)),
        );
  const unusable = unusableLabels(warnings, subjects).filter((w) => isMeant(w.container));
  return [
    ...explained,
    ...unusable.map(({ container, label, problem }) =>
      missing(container, {
        code: 'unusable-label',
        cause: `its label ${label} does not say which port: ${problem}`,
        remedy: 'give it the label prometheus.io/port: "PORT" with the port at which it serves metrics',
      }),
    ),
  ];
};

/** Of what a label asks for, by its port or by `scrape` alone, that which is no target. Pure. */
export const missingEndpoints = (candidates: readonly Candidate[], subjects: readonly Subject[]): Candidate[] =>
  candidates.filter(({ container, port, metrics_path, source }) => {
    const isWanted = source === 'label' || (source === 'image' && readLabels(container.labels).scrape === 'yes');
    const isTarget = ({ container: of, endpoint }: Subject): boolean =>
      of?.id === container.id &&
      Number(splitAddress(endpoint.address).port) === port &&
      [metrics_path, encodeURI(metrics_path)].includes(endpoint.metrics_path);
    return isWanted && !subjects.some(isTarget);
  });

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

/** What detection makes of some containers; the others are not asked, and no network of theirs is joined. */
const explainDetection = async (
  session: Session,
  observed: Snapshot,
  isMeant: (container: Container) => boolean,
  isWanted: (row: DetectedRow) => boolean,
): Promise<ExplainedRow[]> => {
  const { config } = session.loaded;
  const recognized = recognizeFor(session, observed);
  const candidates = recognized.candidates.filter((c) => isMeant(c.container));
  const skipped = recognized.skipped.filter((s) => isMeant(s.container));
  const named = resolveTargets(config, observed);
  const { detection } = await detect(session, observed, { candidates, skipped, warnings: [] }, named);
  const rows = detection.rows.filter(isWanted);
  const refusedAs = (row: DetectedRow): Candidate | undefined =>
    row.verdict === 'refused' ? candidates.find((c) => isRowOf(row, c)) : undefined;
  const subjects = rows.flatMap((row) => refusedAs(row) ?? []).map((c) => subjectOf(c, observed, config.network));
  const others = rows.filter((row) => refusedAs(row) === undefined);
  const [evidence, explained] = await Promise.all([
    gather(session, observed, subjects),
    Promise.all(others.map((row) => explainVerdict(session, observed, row))),
  ]);
  return [...tellingFirst(evidence.flatMap((e) => explainedRow(e))), ...explained];
};

/** Of a port that may be the application's own, or that is exposed and not used. */
const SAYS_LITTLE: ReadonlySet<string> = new Set(['not-found', 'starting', 'not-listening', 'refused']);

/** A port at which nothing like metrics was found comes last. Pure. */
export const tellingFirst = (rows: readonly ExplainedRow[]): ExplainedRow[] => {
  const says = ({ code }: ExplainedRow): boolean => !SAYS_LITTLE.has(code);
  return [...rows.filter(says), ...rows.filter((row) => !says(row))];
};

/** A refused candidate, to be looked into like a target. */
const subjectOf = (candidate: Candidate, observed: Snapshot, stackNetwork: string): Subject => {
  const { container, port, scheme, metrics_path, job } = candidate;
  const reached = reach(container, observed, stackNetwork);
  return {
    job,
    instance: `${container.name}:${port}`,
    endpoint: { address: `${reached.ok ? reached.host : container.name}:${port}`, scheme, metrics_path },
    origin: 'detected',
    health: 'pending',
    standing: 'found',
    container,
  };
};

/** The verdict of detection as it stands, with what there is to do about it. */
const explainVerdict = async (
  { engine }: Session,
  { containers }: Snapshot,
  { container: name, port, job, verdict, code, reason }: DetectedRow,
): Promise<ExplainedRow> => {
  const container = containers.find((c) => c.name === name);
  const target = port === undefined ? name : `${name}:${port}`;
  const base = { target, container: name, health: 'missing' as const, job };
  if (verdict === 'scraped') {
    return {
      ...base,
      code: 'not-loaded',
      cause: `it serves metrics (${reason}), and Prometheus has not loaded it yet`,
      remedy: '`monitor up` adds it; `monitor watch` does so at once',
    };
  }
  const inspected = container?.state === 'running' ? undefined : container && (await inspect(engine, container));
  const remedy = container && remedyOf(code, container);
  return { ...base, ...((inspected && byState(inspected)) ?? { code, cause: reason, remedy }) };
};

const portRemedy = ({ name }: Container): string =>
  `name the port that serves metrics: \`monitor add-target ${name}:PORT\`, or give it the label prometheus.io/port: "PORT"`;

const remedyOf = (code: string, container: Container): string | undefined => {
  switch (code) {
    case 'opted-out':
      return 'remove that label, or set it to "true"';
    case 'no-network':
      return ontoANetwork(container);
    case 'not-metrics-port': {
      const [suggestion] = isOfAnyStack(container) ? [] : suggest([container], () => false);
      return suggestion === undefined ? portRemedy(container) : `${suggestion.message}: \`${suggestion.command}\``;
    }
    case 'no-port':
    case 'too-many-ports':
      return portRemedy(container);
    default:
      return undefined;
  }
};
