import { splitQuery } from '../config/path-query.ts';
import { type DetectedRow, isRowOf } from '../detect/assemble.ts';
import { PATH_LABELS } from '../detect/labels.ts';
import { isCalled, reach } from '../detect/reach.ts';
import type { Candidate } from '../detect/types.ts';
import type { Container } from '../docker/engine.ts';
import { suggest } from '../exporters/suggestions.ts';
import type { ExplainedRow } from '../output/report.ts';
import { detect, recognizeFor } from '../stack/detection.ts';
import { isOfAnyStack, LABEL } from '../stack/labels.ts';
import type { Snapshot } from '../stack/model.ts';
import { resolveTargets } from '../stack/resolve-targets.ts';
import type { Session } from '../stack/session.ts';
import { byState, ontoANetwork } from './causes-container.ts';
import { inScrapeConfigs } from './change.ts';
import { lookInto } from './container-evidence.ts';
import { diagnose } from './diagnose.ts';
import type { Evidence, Subject } from './evidence.ts';
import type { Finding } from './finding.ts';
import { gather } from './gather.ts';
import { withScene } from './look.ts';

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
      row(container, { code: 'of-a-stack', cause: `it belongs to the stack "${stack}" and serves no application` }),
    ];
  }
  if (!session.loaded.config.detect.enabled) return [detectionOff(container)];
  const verdicts = await verdictsOn(session, observed, ({ id }) => id === container.id);
  if (port === undefined) return explainRows(session, observed, verdicts);
  const meant = verdicts.filter(
    (r) => r.port === undefined || (r.port === Number(port) && (path === undefined || r.metrics_path === path)),
  );
  return meant.length === 0 ? [notAsked(container, Number(port))] : explainRows(session, observed, meant);
};

/** As `explain` and `status` print it: with the path, where that is not the usual one. */
const ADDRESS = /^([^/]+):(\d{1,5})(\/.*)?$/;

const named = ({ containers }: Snapshot, word: string): Container | undefined =>
  containers.find((c) => c.name === word) ?? containers.find((c) => isCalled(c, word) || isShortId(c, word));

const isShortId = ({ id }: Container, word: string): boolean => /^[0-9a-f]{6,64}$/.test(word) && id.startsWith(word);

const notAsked = (container: Container, port: number): ExplainedRow => ({
  ...row(container, {
    code: 'not-asked',
    cause: `its port ${port} is not asked: no label names it, its image is not known for it, and it is not exposed`,
    remedy: `\`monitor add-target ${container.name}:${port}\` names it, or the label prometheus.io/port: "${port}" does`,
  }),
  target: `${container.name}:${port}`,
});

/** What detection makes of some containers; the others are not asked, and no network of theirs is joined. */
export const verdictsOn = async (
  session: Session,
  observed: Snapshot,
  isMeant: (container: Container) => boolean,
): Promise<DetectedRow[]> => {
  const { candidates, skipped } = recognizeFor(session, observed);
  const recognized = {
    candidates: candidates.filter((c) => isMeant(c.container)),
    skipped: skipped.filter((s) => isMeant(s.container)),
    warnings: [],
  };
  const named = resolveTargets(session.loaded.config, observed);
  const { detection } = await detect(session, observed, recognized, named);
  return detection.rows;
};

const detectionOff = (container: Container): ExplainedRow =>
  row(container, {
    code: 'detection-off',
    cause: 'monitor.yml names no target of it, and detection is off (`detect.enabled: false`)',
    remedy: `\`monitor add-target ${container.name}:PORT\` names one`,
  });

export const row = (container: Container, finding: Omit<Finding, 'remedy'> & { remedy?: string }): ExplainedRow => ({
  target: container.name,
  container: container.name,
  health: 'missing',
  ...finding,
});

export const explainRows = async (
  session: Session,
  observed: Snapshot,
  rows: readonly DetectedRow[],
): Promise<ExplainedRow[]> => {
  const { candidates } = recognizeFor(session, observed);
  const refused = rows.flatMap((r) => candidates.find((c) => r.verdict === 'refused' && isRowOf(r, c)) ?? []);
  const looked = await lookIntoCandidates(session, observed, refused);
  const others = await Promise.all(
    rows.filter((r) => !refused.some((c) => isRowOf(r, c))).map((r) => explainOther(session, observed, r)),
  );
  return [...looked, ...others];
};

/** Refused candidates, looked into like targets. */
const lookIntoCandidates = async (
  session: Session,
  observed: Snapshot,
  candidates: readonly Candidate[],
): Promise<ExplainedRow[]> => {
  if (candidates.length === 0) return [];
  const { network } = session.loaded.config;
  const subjects = candidates.map((c) => subjectOf(c, observed, network));
  const networks = candidates.flatMap((c) => {
    const reached = reach(c.container, observed, network);
    return reached.ok ? (reached.network ?? []) : [];
  });
  const evidence = await withScene(session, observed, (scene) => gather(scene, subjects), { networks });
  return evidence.map((e, n): ExplainedRow => {
    const candidate = candidates[n];
    const finding = (candidate && byPathLabel(e, candidate)) ?? diagnose(e);
    return {
      target: e.instance,
      job: e.job,
      url: `${e.endpoint.scheme}://${e.endpoint.address}${e.endpoint.metrics_path}`,
      container: candidate?.container.name ?? e.instance,
      health: 'missing',
      code: finding?.code ?? 'unknown',
      cause: finding?.cause ?? 'it gave no metrics, for an unknown reason',
      remedy: finding?.remedy,
    };
  });
};

/** A label that asks for a path with a query was not followed: a target of Prometheus has its query elsewhere. */
const byPathLabel = (evidence: Evidence, { container }: Candidate): Finding | undefined => {
  const label = PATH_LABELS.find((name) => container.labels[name]?.includes('?'));
  if (label === undefined) return undefined;
  const written = container.labels[label] ?? '';
  const { metrics_path, params } = splitQuery(written.startsWith('/') ? written : `/${written}`);
  return {
    code: 'path-with-query',
    cause: `its label ${label} has a query (${written}), which is not part of a path: Prometheus takes it as \`params\``,
    remedy: inScrapeConfigs({ ...evidence, endpoint: { ...evidence.endpoint, metrics_path } }, { params }),
  };
};

const subjectOf = (candidate: Candidate, observed: Snapshot, stackNetwork: string): Subject => {
  const { container, port, scheme, metrics_path, job } = candidate;
  const reached = reach(container, observed, stackNetwork);
  const host = reached.ok ? reached.host : container.name;
  return {
    job,
    instance: `${container.name}:${port}`,
    endpoint: { address: `${host}:${port}`, scheme, metrics_path },
    origin: 'detected',
    health: 'pending',
    standing: 'found',
    container,
  };
};

/** The verdict of detection as it stands, with what there is to do about it. */
const explainOther = async (
  session: Session,
  observed: Snapshot,
  { container: name, port, job, verdict, code, reason }: DetectedRow,
): Promise<ExplainedRow> => {
  const container = observed.containers.find((c) => c.name === name);
  const base = {
    target: port === undefined ? name : `${name}:${port}`,
    container: name,
    health: 'missing' as const,
    job,
  };
  if (verdict === 'scraped') {
    const cause = `it serves metrics (${reason}), and Prometheus has not loaded it yet`;
    return {
      ...base,
      code: 'not-loaded',
      cause,
      remedy: '`monitor up` adds it; `monitor watch` does so at once',
    };
  }
  const detail =
    container === undefined || container.state === 'running' ? undefined : await lookInto(session.engine, container);
  const state = detail === undefined ? undefined : byState(detail);
  if (state !== undefined) return { ...base, ...state };
  const remedy = container === undefined ? undefined : remedyOf(code, container);
  return { ...base, code, cause: reason, remedy };
};

const LABEL_REMEDY = 'name the port that serves metrics with the label prometheus.io/port: "PORT"';

const remedyOf = (code: string, container: Container): string | undefined => {
  switch (code) {
    case 'opted-out':
      return 'remove that label, or set it to "true"';
    case 'no-network':
      return ontoANetwork({ ...container, networks: container.networks.map((n) => n.name) });
    case 'not-metrics-port': {
      const [suggestion] = suggest(
        [container].filter((c) => !isOfAnyStack(c)),
        () => false,
      );
      return suggestion === undefined ? LABEL_REMEDY : `${suggestion.message}: \`${suggestion.command}\``;
    }
    case 'no-port':
    case 'too-many-ports':
      return LABEL_REMEDY;
    default:
      return undefined;
  }
};
