import type { Define } from '../cli/command.ts';
import { exitCode3 } from '../cli/parameters.ts';
import { closest } from '../config/suggest.ts';
import { splitAddress } from '../detect/place.ts';
import { COMPOSE_SERVICE, isCalled } from '../detect/reach.ts';
import { MonitorError, mistake } from '../errors.ts';
import { byState } from '../explain/causes-container.ts';
import { inspect } from '../explain/containers.ts';
import { explainedRow } from '../explain/diagnose.ts';
import type { Subject } from '../explain/evidence.ts';
import { gather } from '../explain/gather.ts';
import { emptyRows } from '../explain/jobs.ts';
import { explainContainer, explainLabelled, isShortId } from '../explain/not-targets.ts';
import { lookAtTargets } from '../explain/targets.ts';
import type { ExplainedRow, ReportOf, TargetRow } from '../output/report.ts';
import { containerIn } from '../stack/labels.ts';
import type { Snapshot } from '../stack/model.ts';
import { look } from '../stack/observe.ts';
import { during } from '../stack/progress.ts';
import { type Deps, requireStack, type Session, withSession } from '../stack/session.ts';
import { plural, shellWord } from '../words.ts';

export const command: Define = (explain, invoke) =>
  explain
    .argument('[target]', 'host:port, a job, or a container (default: all that are down or missing)')
    .addHelpText('after', exitCode3('the stack is not running, or a target is down or missing'))
    .action(invoke(runExplain, { exitCode: explainExitCode }));

/** Why targets are down or missing, and what to change. `target`: `host:port`, an instance, a job, or a container; absent: all that is not up. */
export const runExplain = (deps: Deps, target?: string): Promise<ReportOf<'explain'>> =>
  withSession(deps, async (session) => {
    await requireStack(session, 3);
    const observed = await look(session);
    await requirePrometheus(session, observed);
    const looked = await lookAtTargets(session, observed);
    const subjects = looked.targets.map(({ subject }) => subject);
    const empty = emptyRows(session.loaded.config.scrape_configs, subjects, looked.empty).map(emptyJob);
    const report = (explained: ExplainedRow[]): ReportOf<'explain'> => ({
      kind: 'explain',
      stack: session.loaded.config.name,
      up: subjects.filter((s) => s.health === 'up').length,
      explained,
    });
    const chosen = target === undefined ? subjects : subjects.filter((subject) => isMeant(subject, target));
    const chosenEmpty = target === undefined ? empty : empty.filter(({ target: job }) => job === target);
    if (target !== undefined && chosen.length + chosenEmpty.length === 0) {
      return report((await explainContainer(session, observed, target)) ?? unknown(target, subjects, observed));
    }
    const step = session.deps.reporter.start('', `Looking into ${plural(chosen.length, 'target')}`, { quiet: true });
    const evidence = await during(step, () => gather(session, observed, chosen));
    const rows = evidence.flatMap((e) => explainedRow(e, target !== undefined));
    const labelled = await explainLabelled(
      session,
      observed,
      subjects,
      (container) => target === undefined || isCalled(container, target),
    );
    const all = [...rows, ...chosenEmpty, ...labelled];
    // One that has ended meanwhile is the cause of all of it.
    if (all.length > 0 && !(await session.prometheus.ready())) await requirePrometheus(session, await look(session));
    return report(all);
  });

const emptyJob = ({ job, instance, health, code = '', cause = '', remedy }: TargetRow): ExplainedRow => ({
  target: job,
  source: instance.slice(1, -1),
  health,
  code,
  cause,
  remedy,
});

/** Containers that are not targets because the user chose so. */
const MEANT: ReadonlySet<string> = new Set(['opted-out', 'detection-off', 'of-a-stack']);

/** 3 where something that should be up is not. */
export const explainExitCode = ({ explained }: ReportOf<'explain'>): 0 | 3 =>
  explained.some(
    ({ health, code }) => health === 'down' || health === 'none' || (health === 'missing' && !MEANT.has(code)),
  )
    ? 3
    : 0;

/** Whether a word of the command line is about a target: a job, an address, or a name of its container. Pure. */
export const isMeant = ({ job, instance, endpoint, container, origin }: Subject, word: string): boolean => {
  const known = [instance, endpoint.address];
  const hosts = origin === 'stack' ? [] : known.map((address) => splitAddress(address).host);
  const names = [container?.name, container?.labels[COMPOSE_SERVICE]].filter((name) => name !== undefined);
  const addresses = [...known, ...names.map((name) => `${name}:${splitAddress(endpoint.address).port}`)];
  const withPath = addresses.map((address) => `${address}${endpoint.metrics_path}`);
  const isId = container !== undefined && isShortId(container, word);
  return isId || [job, ...addresses, ...withPath, ...hosts, ...names].includes(word);
};

const unknown = (word: string, subjects: readonly Subject[], { containers }: Snapshot): never => {
  const known = [...new Set([...subjects.flatMap((s) => [s.instance, s.job]), ...containers.map((c) => c.name)])];
  const near = closest(word, known);
  throw mistake({
    code: 'unknown-target',
    message: `"${word}" is not a target, job or container`,
    detail: [`targets: ${[...new Set(subjects.map((s) => s.instance))].join(', ') || 'none'}`],
    suggestion:
      near === undefined
        ? `\`monitor status\` lists the targets; \`monitor add-target ${shellWord(word.includes(':') ? word : `${word}:PORT`)}\` adds one`
        : `did you mean \`monitor explain ${shellWord(near)}\`?`,
  });
};

/** Fails where Prometheus does not answer: then nothing is known of any target, and that is what has to be explained. */
const requirePrometheus = async (
  { engine, loaded, urls }: Session,
  { containers, prometheus }: Snapshot,
): Promise<void> => {
  if (prometheus?.loaded !== undefined) return;
  const own = containerIn(containers, loaded.config.name, 'prometheus');
  const detail = own === undefined ? undefined : await inspect(engine, own);
  const state = detail === undefined ? undefined : byState(detail);
  throw new MonitorError({
    code: 'prometheus-not-running',
    message: `Prometheus does not answer at ${urls.prometheus}, so nothing is known of its targets`,
    detail: state === undefined ? [] : [state.cause],
    suggestion: 'run `monitor up`; `monitor logs prometheus` shows the reason',
    exitCode: 3,
  });
};
