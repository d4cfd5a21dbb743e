import { Option } from 'commander';
import type { Define } from '../cli/command.ts';
import { timeoutOption } from '../cli/parameters.ts';
import { awaitFirstScrapes, awaitRefusals, awaitTwoScrapes } from '../explain/first-scrapes.ts';
import { emptyRows, refusedJobs, withRefused } from '../explain/jobs.ts';
import { overlookedHint } from '../explain/overlooked.ts';
import type { ReportOf } from '../output/report.ts';
import { AFTER_RELOAD_MS } from '../prometheus/client.ts';
import { insteadOf, missingFile, missingFiles } from '../prometheus/named-files.ts';
import { scrapedSamples } from '../prometheus/scraped-samples.ts';
import { allTargets, type BroughtUp, bringUp, pullAll, twoScrapes } from '../stack/bring-up.ts';
import { clockReport } from '../stack/clock.ts';
import { lookAtGrafana } from '../stack/look-at-grafana.ts';
import type { PullPolicy } from '../stack/model.ts';
import { look } from '../stack/observe.ts';
import { changesSomething, operationRows } from '../stack/operations.ts';
import { planUp } from '../stack/plan-up.ts';
import { grafanaContent } from '../stack/reconcile.ts';
import { serverAnswers } from '../stack/server-answers.ts';
import { type Deps, exclusively, type Session, withSession } from '../stack/session.ts';
import { targetChanges, targetStates, withAnswers, withSamples } from '../stack/target-states.ts';

export interface UpOptions {
  dryRun: boolean;
  pull: PullPolicy;
  wait: boolean;
  overwrite: boolean;
  /** Milliseconds. */
  timeout: number;
}

export const command: Define = (up, invoke) =>
  up
    .option('--dry-run', 'print what would be done and why, and change nothing', false)
    .addOption(
      new Option('--pull <when>', 'when to pull images').choices(['missing', 'always', 'never']).default('missing'),
    )
    .option('--overwrite', 'discard edits that were made to dashboards in Grafana', false)
    .option(
      '--wait',
      'wait until all targets are scraped (exit code 3 if one fails) and their dashboards are written',
      false,
    )
    .addOption(timeoutOption(', and with --wait for the scrapes'))
    .action(invoke(runUp, { exitCode: upExitCode }));

/** Makes the stack match monitor.yml; with `dryRun`, returns the plan for that. */
export const runUp = (deps: Deps, options: UpOptions): Promise<ReportOf<'up' | 'restart' | 'plan'>> =>
  withSession<ReportOf<'up' | 'restart' | 'plan'>>(deps, (session) =>
    options.dryRun ? dryRun(session, options) : up(session, options),
  );

const up = async (opened: Session, options: UpOptions): Promise<ReportOf<'up' | 'restart'>> => {
  const { overwrite, timeout: timeoutMs } = options;
  const deadline = Date.now() + timeoutMs;
  const bring = (pull: PullPolicy) =>
    exclusively(opened, timeoutMs, async (session) => {
      return { session, done: await bringUp(session, { pull, overwrite, timeoutMs, askNamed: true }) };
    });
  const { session, done } = await bring(options.pull);
  const targets = allTargets(session, done.rendered);
  if (!options.wait)
    return upReport(session, 'up', { ...done, active: (await awaitRefusals(session, targets)) ?? done.active });
  const active = await awaitFirstScrapes(session, targets, deadline);
  const { unscraped = [] } = done;
  if (unscraped.length === 0) return { ...(await upReport(session, 'up', { ...done, active })), waited: true };
  // One that is scraped seldom is not waited for.
  await awaitTwoScrapes(session, unscraped, Math.min(deadline, Date.now() + twoScrapes(session)));
  const again = await bring(options.pull === 'always' ? 'missing' : options.pull);
  const operations = [...done.operations, ...again.done.operations];
  // What was loaded just now may have other targets, or a job that Prometheus is about to refuse.
  const isLoaded = again.done.operations.length > 0;
  const loaded = allTargets(again.session, again.done.rendered);
  const now = isLoaded ? await awaitFirstScrapes(again.session, loaded, deadline) : again.done.active;
  return { ...(await upReport(again.session, 'up', { ...again.done, active: now, operations })), waited: true };
};

/** 1 if a dashboard cannot be written; 3 if a target is not up with `--wait`. */
export const upExitCode = (report: ReportOf<'up' | 'restart' | 'plan'>): 0 | 1 | 3 => {
  if (report.problems.length > 0) return 1;
  const isWanted = report.kind === 'up' && report.waited === true;
  return isWanted && report.targets.some((t) => !['up', 'none'].includes(t.health)) ? 3 : 0;
};

const dryRun = async (session: Session, { pull, overwrite }: UpOptions): Promise<ReportOf<'plan'>> => {
  const snapshot = await look(session, (active) => lookAtGrafana(session, { active, overwrite }));
  const { plan, desired, rendered } = await planUp(session, snapshot, { pull, overwrite });
  const unasked = rendered.detection.rows.filter((row) => row.verdict === 'to-be-asked');
  return {
    kind: 'plan',
    stack: session.loaded.config.name,
    operations: operationRows([
      ...(pull === 'always' ? pullAll(session).operations : []),
      // Nothing is left to pull when all images have been.
      ...plan.operations.filter((o) => changesSomething(o) && !(pull === 'always' && o.kind === 'pullImage')),
    ]),
    targets: targetChanges(rendered.targets, rendered.snapshot.prometheus, session.loaded.config.scrape_configs),
    notices: [
      ...plan.notices,
      ...(snapshot.prometheus === undefined ? [] : await fileNotices(session)),
      ...unasked.map(
        (row) => `${row.container}:${row.port} is asked for metrics after the image of Prometheus is pulled`,
      ),
      ...(grafanaContent(desired, snapshot)?.dashboards === undefined
        ? [snapshot.grafana?.refusal?.message ?? 'Grafana’s datasource and dashboards are compared once it is running']
        : []),
    ],
    problems: plan.problems,
  };
};

export const upReport = async (
  session: Session,
  kind: 'up' | 'restart',
  done: BroughtUp,
): Promise<ReportOf<'up' | 'restart'>> => {
  const { config } = session.loaded;
  const { targets } = done.rendered;
  const active = done.active ?? (await session.prometheus.targets(AFTER_RELOAD_MS));
  const [answers, samples, refused, clock, ...moreNotices] = await Promise.all([
    serverAnswers(session, targets, active),
    scrapedSamples(session.prometheus),
    refusedJobs(session),
    clockReport(session.prometheus),
    exporterNoticesOf(session, done),
    fileNotices(session),
  ]);
  const found = targetStates(allTargets(session, done.rendered), active, config.scrape_configs);
  const answered = withAnswers(found, targets, new Map([...done.rendered.answers, ...answers]), config);
  const rows = withRefused(answered, refused).map((state) => withSamples(state, samples));
  return {
    kind,
    stack: config.name,
    changed: done.operations.length > 0,
    operations: operationRows(done.operations),
    urls: session.urls,
    datasource: done.datasource ?? { name: 'Prometheus', ok: true, message: '' },
    targets: [...rows, ...emptyRows(config.scrape_configs, rows, refused)],
    now: clock.now,
    notices: [...done.notices, ...clock.notices, ...hintOn(done), ...moreNotices.flat()],
    problems: done.problems,
  };
};

/** The files that `scrape_configs` name and Prometheus cannot open. */
const fileNotices = async ({ engine, prometheus, loaded: { config } }: Session): Promise<string[]> => {
  const { container } = config.prometheus;
  const missing = await missingFiles(engine, container, config.scrape_configs);
  if (missing.length === 0) return [];
  const version = await prometheus.version();
  return missing.map((file) => `job "${file.job}": ${missingFile(file)}; ${insteadOf(file, { container, version })}`);
};

/** Loaded only where an exporter was started. */
const exporterNoticesOf = async (session: Session, done: BroughtUp): Promise<string[]> =>
  done.operations.some((o) => o.kind === 'startContainer' && o.role === 'exporter')
    ? (await import('../exporters/ask.ts')).exporterNotices(session, done)
    : [];

const hintOn = ({ rendered }: BroughtUp): string[] =>
  [overlookedHint(rendered.detection.rows, rendered.recognized.candidates, rendered.targets)].filter(
    (hint) => hint !== undefined,
  );
