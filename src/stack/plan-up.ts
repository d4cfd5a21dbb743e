import type { ScrapeTarget } from '../detect/types.ts';
import { exporterContainer } from '../exporters/components.ts';
import { exporterKey } from '../exporters/edit.ts';
import { exporterValues } from '../exporters/values.ts';
import { renderPrometheusConfig } from '../prometheus/render.ts';
import { desiredStack } from './desired.ts';
import { type Detected, type DetectOptions, detect, recognizeFor } from './detection.ts';
import { isOfStack, LABEL } from './labels.ts';
import type { DesiredStack, Snapshot } from './model.ts';
import type { Plan } from './operations.ts';
import { type ReconcileOptions, reconcile } from './reconcile.ts';
import { resolveTargets } from './resolve-targets.ts';
import type { Session } from './session.ts';

/** prometheus.yml as it should be now, and what it was rendered from. */
export interface Rendered extends Detected {
  snapshot: Snapshot;
  targets: ScrapeTarget[];
  /** Networks that Prometheus needs beside those of the targets. */
  networks: string[];
  prometheusConfig: string;
}

/** Asks what may serve metrics, and renders. Changes nothing of the stack. */
export const renderStack = async (
  session: Session,
  snapshot: Snapshot,
  options: DetectOptions = {},
): Promise<Rendered> => {
  const { config } = session.loaded;
  const named = resolveTargets(config, snapshot);
  const detected = await detect(session, snapshot, recognizeFor(session, snapshot), named, options);
  const { detection, refused } = detected;
  const targets = [...named.targets, ...detection.targets].map((target) =>
    refused.has(target.network ?? '') ? { ...target, network: undefined } : target,
  );
  return {
    ...detected,
    snapshot,
    targets,
    networks: named.networks.filter((n) => !refused.has(n)),
    prometheusConfig: renderPrometheusConfig(config, targets),
    notices: [...named.notices, ...detected.notices, ...detection.warnings],
  };
};

export interface PlanOptions extends ReconcileOptions, DetectOptions {
  /** Absent: yes, unless the running Prometheus was started without it. */
  quickDiscovery?: boolean;
}

/** A plan with all that went into it. */
export interface PlannedStack {
  plan: Plan;
  desired: DesiredStack;
  rendered: Rendered;
}

/**
 * From a look to a plan. Changes nothing of the stack, whatever is asked on the way. `grafanaPassword`: absent where the
 * plan is only shown; then what the environment says of exporters' credentials is not stored either.
 */
export const planUp = async (
  session: Session,
  snapshot: Snapshot,
  options: PlanOptions,
  grafanaPassword?: string,
): Promise<PlannedStack> => {
  const { config } = session.loaded;
  const told = await exporterValues(session, snapshot, grafanaPassword !== undefined);
  const parts = {
    config,
    grafanaPassword: grafanaPassword ?? '',
    exporters: told.ready.map((ready) => exporterContainer(config, ready, snapshot)),
    spared: told.unready.map((one) => exporterKey(one.config)),
  };
  const planFor = (rendered: Pick<Rendered, 'targets' | 'networks' | 'prometheusConfig'>) => {
    const input = { ...parts, ...rendered };
    const plain = desiredStack({ ...input, quickDiscovery: false });
    const quickDiscovery = options.quickDiscovery ?? !runsPlain(snapshot, plain);
    const desired = quickDiscovery ? desiredStack({ ...input, quickDiscovery }) : plain;
    return { desired, plan: reconcile(desired, snapshot, options) };
  };
  // Whatever forbids the plan is found before anything is asked.
  const check = () => {
    const { targets, networks } = resolveTargets(config, snapshot);
    planFor({ targets, networks, prometheusConfig: renderPrometheusConfig(config, targets) });
  };
  const rendered = await renderStack(session, snapshot, { ...options, check });
  const { desired, plan } = planFor(rendered);
  const notices = [...rendered.notices, ...told.notices, ...plan.notices];
  return { plan: { ...plan, notices }, desired, rendered };
};

/** A Prometheus that refuses our hidden flag was started without it before, and is left so. */
const runsPlain = ({ containers }: Snapshot, plain: DesiredStack): boolean => {
  const hash = plain.containers.find((c) => c.role === 'prometheus')?.spec.labels[LABEL.configHash];
  return containers.some((c) => isOfStack(c, plain.name) && c.labels[LABEL.configHash] === hash);
};
