import { knownPassword } from '../config/state-folder.ts';
import { overlookedHint } from '../detect/overlooked.ts';
import type { OperationRow, PlanReport, UpReport } from '../output/report.ts';
import { changesSomething, describe } from '../stack/operation.ts';
import type { PullPolicy } from '../stack/types.ts';
import { type BroughtUp, bringUp, planUp } from './bring-up.ts';
import type { Deps } from './deps.ts';
import { recognizeFor } from './detection.ts';
import { grafanaRow, planGrafana } from './provision.ts';
import { exclusively, type Session, withSession } from './session.ts';
import { targetRows } from './targets.ts';

export interface UpOptions {
  dryRun: boolean;
  pull: PullPolicy;
  timeoutMs: number;
}

/** Makes the engine match monitor.yml; with `dryRun`, says what that would take. */
export const runUp = (deps: Deps, options: UpOptions): Promise<UpReport | PlanReport> =>
  withSession<UpReport | PlanReport>(deps, (session) =>
    options.dryRun
      ? dryRun(session, options.pull)
      : exclusively(session, options.timeoutMs, async () => upReport(session, 'up', await bringUp(session, options))),
  );

const dryRun = async (session: Session, pull: PullPolicy): Promise<PlanReport> => {
  const { plan } = await planUp(session, { pull, mode: 'look' }, '');
  const changes = plan.operations.filter(changesSomething);
  const grafana = changes.some((o) => o.lane === 'grafana') ? undefined : await lookAtGrafana(session);
  return {
    kind: 'plan',
    stack: session.loaded.config.name,
    operations: [
      ...(pull === 'always'
        ? images(session).map((image) => ({ operation: `pull image ${image}`, cause: '--pull always' }))
        : []),
      ...changes.map((o) => ({ operation: describe(o), cause: o.cause })),
      ...(grafana ?? []),
    ],
    notices: [
      ...plan.notices,
      ...(grafana === undefined ? ['Grafana’s datasource is compared once Grafana is up'] : []),
    ],
  };
};

const images = ({ loaded }: Session): string[] => [loaded.config.prometheus.image, loaded.config.grafana.image];

/** `undefined` where Grafana cannot be looked at: it is not up, or nobody knows its password yet. */
const lookAtGrafana = async (session: Session): Promise<OperationRow[] | undefined> => {
  const password = await knownPassword(session.folder, session.deps.env);
  const health = password === undefined ? undefined : await session.grafanaHealth();
  if (password === undefined || health === undefined) return undefined;
  return (await planGrafana(session, password, health.version)).operations.map(grafanaRow);
};

export const upReport = async (session: Session, kind: UpReport['kind'], done: BroughtUp): Promise<UpReport> => ({
  kind,
  stack: session.loaded.config.name,
  changed: done.changed,
  operations: done.operations,
  urls: session.urls,
  datasource: done.datasource ?? { name: 'Prometheus', ok: true, message: '' },
  targets: targetRows(
    done.rendered.targets,
    done.active ?? (await session.prometheus.targets()),
    session.loaded.config.scrape_configs,
  ),
  notices: [...done.notices, ...hintOn(session, done), ...(await exporterNoticesOf(session, done))],
});

/** Loaded where an exporter was started, which it seldom was. */
const exporterNoticesOf = async (session: Session, done: BroughtUp): Promise<string[]> =>
  done.started.length === 0 ? [] : (await import('./ask-exporter.ts')).exporterNotices(session, done);

const hintOn = (session: Session, { rendered }: BroughtUp): string[] => {
  const hint = overlookedHint(rendered.detection.rows, recognizeFor(session, rendered.observed).candidates);
  return hint === undefined ? [] : [hint];
};
