import type { Detection } from '../detect/assemble.ts';
import type { Surveyed } from '../detect/survey.ts';
import type { Recognized, ScrapeTarget } from '../detect/types.ts';
import { exporterContainer } from '../exporters/components.ts';
import { exporterKey } from '../exporters/edit.ts';
import { type ExporterValues, exporterValues } from '../exporters/values.ts';
import { renderPrometheusConfig } from '../prometheus/render.ts';
import { type Answers, answersOf } from './answers.ts';
import { desiredStack } from './desired.ts';
import { type DetectOptions, detect, recognizeFor } from './detection.ts';
import { isOfStack, LABEL } from './labels.ts';
import type { DesiredStack, Snapshot } from './model.ts';
import { observe, type StackServers } from './observe.ts';
import type { Plan } from './operations.ts';
import { type ReconcileOptions, reconcile } from './reconcile.ts';
import { resolveTargets } from './resolve-targets.ts';
import type { Session } from './session.ts';

/** prometheus.yml as it should be now, and what it was rendered from. */
export interface Rendered {
  snapshot: Snapshot;
  targets: ScrapeTarget[];
  /** Networks that Prometheus needs beside those of the targets. */
  networks: string[];
  prometheusConfig: string;
  recognized: Recognized;
  surveyed: readonly Surveyed[];
  detection: Detection;
  /** What targets answered, those that were asked. */
  answers: Answers;
  notices: string[];
}

/** One look at the engine. `seeGrafana`: also at what Grafana has; absent: not at Grafana. */
export const look = (
  session: Session,
  seeGrafana: StackServers['seeGrafana'] = async () => undefined,
): Promise<Snapshot> => observe(session.engine, session.loaded.config, { prometheus: session.prometheus, seeGrafana });

/** Asks what may serve metrics, and renders. Changes nothing of the stack. */
export const renderStack = async (
  session: Session,
  snapshot: Snapshot,
  options: DetectOptions = {},
): Promise<Rendered> => {
  const { config } = session.loaded;
  const configured = resolveTargets(config, snapshot);
  const recognized = recognizeFor(session, snapshot);
  const found = await detect(session, snapshot, recognized, configured, options);
  const { detection, surveyed, refused } = found;
  const targets = [...configured.targets, ...detection.targets].map((target) =>
    refused.has(target.network ?? '') ? { ...target, network: undefined } : target,
  );
  return {
    snapshot,
    targets,
    networks: configured.networks.filter((n) => !refused.has(n)),
    prometheusConfig: renderPrometheusConfig(config, targets),
    recognized,
    surveyed,
    detection,
    answers: answersOf(targets, surveyed, found.answers),
    notices: [...configured.notices, ...found.notices, ...detection.warnings],
  };
};

export interface PlanOptions extends ReconcileOptions, DetectOptions {
  /** Absent: yes, unless the running Prometheus was started without it. */
  quickDiscovery?: boolean;
  /** Whether what the environment says of exporters' credentials is stored. */
  keep: boolean;
}

/** A plan with all that went into it. */
export interface PlannedStack {
  plan: Plan;
  desired: DesiredStack;
  rendered: Rendered;
}

/** From a look to a plan. Changes nothing of the stack, whatever is asked on the way. */
export const planUp = async (
  session: Session,
  snapshot: Snapshot,
  options: PlanOptions,
  grafanaPassword: string,
): Promise<PlannedStack> => {
  const told = await exporterValues(session, snapshot, options.keep);
  const planFor = (rendered: Pick<Rendered, 'targets' | 'networks' | 'prometheusConfig'>) =>
    planWith(session, snapshot, told, rendered, options, grafanaPassword);
  // Whatever forbids the plan is found before anything is asked.
  const check = () => void planFor(withoutDetection(session, snapshot));
  const rendered = await renderStack(session, snapshot, { ...options, check });
  const { desired, plan } = planFor(rendered);
  const notices = [...rendered.notices, ...told.notices, ...plan.notices];
  return { plan: { ...plan, notices }, desired, rendered };
};

/** The plan as far as it is known before anything is asked: its pulls have to be done first. */
export const planBeforeAsking = async (session: Session, snapshot: Snapshot, options: PlanOptions): Promise<Plan> => {
  const told = await exporterValues(session, snapshot, false);
  return planWith(session, snapshot, told, withoutDetection(session, snapshot), options, '').plan;
};

const withoutDetection = ({ loaded: { config } }: Session, snapshot: Snapshot) => {
  const { targets, networks } = resolveTargets(config, snapshot);
  return { targets, networks, prometheusConfig: renderPrometheusConfig(config, targets) };
};

const planWith = (
  { loaded: { config } }: Session,
  snapshot: Snapshot,
  told: ExporterValues,
  rendered: Pick<Rendered, 'targets' | 'networks' | 'prometheusConfig'>,
  options: PlanOptions,
  grafanaPassword: string,
): { desired: DesiredStack; plan: Plan } => {
  const exporters = told.ready.map((ready) => exporterContainer(config, ready, snapshot));
  const input = {
    ...rendered,
    config,
    grafanaPassword,
    exporters,
    spared: told.unready.map((one) => exporterKey(one.config)),
  };
  const plain = desiredStack({ ...input, quickDiscovery: false });
  const quickDiscovery = options.quickDiscovery ?? !runsPlain(snapshot, plain);
  const desired = quickDiscovery ? desiredStack({ ...input, quickDiscovery }) : plain;
  return { desired, plan: reconcile(desired, snapshot, options) };
};

/** A Prometheus that refuses our hidden flag was started without it before, and is left so. */
const runsPlain = ({ containers }: Snapshot, plain: DesiredStack): boolean => {
  const hash = plain.containers.find((c) => c.role === 'prometheus')?.spec.labels[LABEL.configHash];
  return containers.some((c) => isOfStack(c, plain.name) && c.labels[LABEL.configHash] === hash);
};
