import { setTimeout as sleep } from 'node:timers/promises';
import { knownPassword } from '../config/state-folder.ts';
import { parseDuration } from '../config/values.ts';
import { EngineError } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import { contextOf } from '../stack/context.ts';
import { remember, withDetail } from '../stack/dashboards.ts';
import { execute } from '../stack/execute.ts';
import { lookAtGrafana } from '../stack/look-at-grafana.ts';
import { markInGrafana, type ScrapedContainers, whatHappened } from '../stack/marks.ts';
import { describe, planOf } from '../stack/operations.ts';
import { silent } from '../stack/progress.ts';
import { dashboardOperations } from '../stack/reconcile.ts';
import { grafanaOf, loadStack, type Session, sessionOn } from '../stack/session.ts';
import type { Bell } from './bell.ts';
import { newFreshNotices, warnOf } from './news.ts';

/** The distance between two looks, beside those that the bell asks for: a counter has a rate after two scrapes. */
const SHORTEST_MS = 5000;
const PAUSE_MS = 1000;
const TIMEOUT_MS = 60_000;

/**
 * Looks at metrics and Grafana again and again, and at each ring, until interrupted: writes the panels of new metrics, and
 * marks what happened to containers. Needs no lock: Grafana refuses to write over what has changed since the look.
 */
export const followMetrics = async (
  session: Session,
  bell: Bell,
  containers: () => ScrapedContainers,
): Promise<void> => {
  const { deps, engine, loaded } = session;
  const every = Math.max(2 * (parseDuration(loaded.config.scrape_interval) ?? 0), SHORTEST_MS);
  const fresh = newFreshNotices();
  /** What happened since the last marks; the engine is not asked again and again for nothing. */
  let unmarked = true;
  const mark = async (client: GrafanaClient): Promise<void> => {
    if (!unmarked) return;
    unmarked = false;
    await markInGrafana(client, loaded.config.name, await whatHappened(engine), containers()).catch(
      (error: unknown) => {
        unmarked = true;
        throw error;
      },
    );
  };
  for (;;) {
    if (await bell.next(every)) {
      unmarked = true;
      // What belongs together is looked at once.
      await sleep(PAUSE_MS, undefined, { signal: deps.signal }).catch(() => undefined);
    }
    if (deps.signal.aborted) return;
    const problems = await lookAgain(session, mark).catch((error: unknown) => {
      // What the engine refuses, the rounds of the watch say.
      if (error instanceof EngineError || deps.signal.aborted) return [];
      if (!(error instanceof MonitorError)) throw error;
      // Five wrong passwords lock the user out.
      return error.code === 'grafana-password' ? undefined : [withDetail(error)];
    });
    for (const problem of fresh(problems ?? [PASSWORD])) warnOf(deps.reporter, problem);
    if (problems === undefined) return;
  }
};

const PASSWORD =
  'Grafana does not accept the password, so its dashboards are not followed; `monitor up` says what to do';

/** What could not be written. Nothing is done while Grafana is not up, or monitor.yml is wrong: the rounds of the watch say it. */
const lookAgain = async (
  { deps, engine }: Session,
  mark: (client: GrafanaClient) => Promise<void>,
): Promise<string[]> => {
  const loaded = await loadStack(deps).catch(() => undefined);
  if (loaded === undefined) return [];
  const session = sessionOn({ ...deps, reporter: silent(deps.reporter) }, loaded, engine);
  const password = await knownPassword(session.folder, deps.env);
  const seen = password && (await lookAtGrafana(session, { password }));
  if (seen?.refusal !== undefined) throw seen.refusal;
  if (seen?.dashboards === undefined || password === undefined) return [];
  await mark(grafanaOf(session, password, seen.version));
  const proposal = dashboardOperations(seen.dashboards);
  await remember(session, seen.dashboards, proposal);
  const { operations, problems } = proposal;
  const failures = await execute(planOf(operations), contextOf(session, TIMEOUT_MS, password));
  const failed = new Set(failures.map(({ part }) => part));
  for (const operation of operations.filter(({ part }) => !failed.has(part))) {
    const { cause } = operation;
    const text = describe(operation);
    deps.reporter.event(`~ ${text} (${cause})`, { change: 'dashboards', operation: text, cause });
  }
  // A dashboard that was changed at the same time is compared in the next round.
  const refused = failures.filter(({ error }) => !(error instanceof MonitorError && error.code === 'grafana-conflict'));
  return [
    ...problems.map(({ source, message }) => `${source}: ${message}`),
    ...refused.map(({ resource, error }) => `${resource}: ${withDetail(error)}`),
  ];
};
