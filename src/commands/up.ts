import { overlookedHint } from '../explain/overlooked.ts';
import type { PlanReport, UpReport } from '../output/report.ts';
import { DETECTED_LABEL } from '../prometheus/render.ts';
import { type BroughtUp, bringUp, pullAll } from '../stack/bring-up.ts';
import { lookAtGrafana } from '../stack/look-at-grafana.ts';
import type { PullPolicy } from '../stack/model.ts';
import { changesSomething, operationRows } from '../stack/operations.ts';
import { look, planUp } from '../stack/plan-up.ts';
import { grafanaContent } from '../stack/reconcile.ts';
import { type Deps, exclusively, type Session, withSession } from '../stack/session.ts';
import { targetRows } from '../stack/target-states.ts';

export interface UpOptions {
  dryRun: boolean;
  pull: PullPolicy;
  timeoutMs: number;
}

/** Makes the engine match monitor.yml; with `dryRun`, returns what that would take. */
export const runUp = (deps: Deps, options: UpOptions): Promise<UpReport | PlanReport> =>
  withSession<UpReport | PlanReport>(deps, (session) =>
    options.dryRun
      ? dryRun(session, options.pull)
      : exclusively(session, options.timeoutMs, async () => upReport(session, 'up', await bringUp(session, options))),
  );

const dryRun = async (session: Session, pull: PullPolicy): Promise<PlanReport> => {
  const snapshot = await look(session, () => lookAtGrafana(session));
  const { plan, desired, rendered } = await planUp(session, snapshot, { pull, keep: false }, '');
  const unasked = rendered.detection.rows.filter((row) => row.verdict === 'to-be-asked');
  return {
    kind: 'plan',
    stack: session.loaded.config.name,
    operations: operationRows([
      ...(pull === 'always' ? pullAll(session).operations : []),
      ...plan.operations.filter(changesSomething),
    ]),
    targets: targetChanges(rendered),
    notices: [
      ...plan.notices,
      ...unasked.map(
        (row) => `${row.container}:${row.port} is asked for metrics once the image of Prometheus is pulled`,
      ),
      ...(grafanaContent(desired, snapshot) === undefined
        ? [snapshot.grafana?.refusal?.message ?? 'Grafana’s datasource is compared once Grafana is running']
        : []),
    ],
  };
};

/** Targets that Prometheus will scrape and does not yet, and the reverse. Pure. */
const targetChanges = ({ targets, snapshot }: BroughtUp['rendered']): PlanReport['targets'] => {
  const keyOf = (job: string, instance: string): string => `${job} ${instance}`;
  const active = snapshot.prometheus?.targets ?? [];
  const before = new Set(active.map((t) => keyOf(t.job, t.instance)));
  const after = new Set(targets.map((t) => keyOf(t.job, t.instance)));
  return [
    ...targets
      .filter((t) => !before.has(keyOf(t.job, t.instance)))
      .map(({ job, instance }) => ({ change: 'add' as const, job, instance })),
    ...active
      .filter((t) => t.discovered[DETECTED_LABEL] !== undefined && !after.has(keyOf(t.job, t.instance)))
      .map(({ job, instance }) => ({ change: 'remove' as const, job, instance })),
  ];
};

export const upReport = async (session: Session, kind: UpReport['kind'], done: BroughtUp): Promise<UpReport> => ({
  kind,
  stack: session.loaded.config.name,
  changed: done.operations.length > 0,
  operations: operationRows(done.operations),
  urls: session.urls,
  datasource: done.datasource ?? { name: 'Prometheus', ok: true, message: '' },
  targets: targetRows(
    done.rendered.targets,
    done.active ?? (await session.prometheus.targets()),
    session.loaded.config.scrape_configs,
  ),
  notices: [...done.notices, ...hintOn(done), ...(await exporterNoticesOf(session, done))],
});

/** Loaded only where an exporter was started. */
const exporterNoticesOf = async (session: Session, done: BroughtUp): Promise<string[]> =>
  done.operations.some((o) => o.kind === 'startContainer' && o.role === 'exporter')
    ? (await import('../exporters/ask.ts')).exporterNotices(session, done)
    : [];

const hintOn = ({ rendered }: BroughtUp): string[] =>
  [overlookedHint(rendered.detection.rows, rendered.recognized.candidates)].filter((hint) => hint !== undefined);
