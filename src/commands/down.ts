import type { Define } from '../cli/command.ts';
import { SERVERS } from '../config/servers.ts';
import { MonitorError, mistake } from '../errors.ts';
import type { ReportOf } from '../output/report.ts';
import { contextOf } from '../stack/context.ts';
import { execute } from '../stack/execute.ts';
import { isOutdated, LOOKS, lookAgainSoon } from '../stack/look-again.ts';
import type { Operation } from '../stack/operations.ts';
import { planDown, type SeenDown } from '../stack/plan-down.ts';
import { type Deps, exclusively, type Session, withSession } from '../stack/session.ts';

export const command: Define = (down, invoke) =>
  down
    .option('--volumes', 'remove the volumes too, with all data in them', false)
    .option('--yes', 'do not ask for confirmation', false)
    .action(invoke(runDown));

/** How long to wait for another monitor on this stack; milliseconds. */
const LOCK_MS = 60_000;

interface DownOptions {
  volumes: boolean;
  yes: boolean;
}

/** Removes the stack's containers and its network; its volumes only if asked to, and confirmed. */
export const runDown = (deps: Deps, options: DownOptions): Promise<ReportOf<'down'>> =>
  withSession(deps, (session) => exclusively(session, LOCK_MS, (now) => removeStack(now, options)));

/** Where something else joins a network or uses a volume meanwhile, the engine is looked at again. */
const removeStack = async (session: Session, { volumes, yes }: DownOptions): Promise<ReportOf<'down'>> => {
  const { config } = session.loaded;
  const removed = new Set<string>();
  let isConfirmed = yes || !volumes;
  for (let looks = 1; ; looks += 1) {
    const seen = await see(session);
    const { plan, kept } = planDown(config, seen, { volumes });
    if (!isConfirmed && seen.volumes.length > 0) await confirm(session, seen.volumes.map((v) => v.name).sort());
    isConfirmed = true;
    for (const o of plan.operations) for (const thing of removedBy(o)) removed.add(thing);
    try {
      await execute(plan, contextOf(session, LOCK_MS));
    } catch (error) {
      if (looks === LOOKS || !isOutdated(error)) throw error;
      await lookAgainSoon(session);
      continue;
    }
    const gone = [...removed].filter((thing) => !kept.includes(thing));
    return { kind: 'down', stack: config.name, removed: gone, kept, notices: plan.notices };
  }
};

const see = async ({ engine, loaded: { config } }: Session): Promise<SeenDown> => {
  const [containers, networks, volumes, named] = await Promise.all([
    engine.listContainers(),
    engine.listNetworks(),
    engine.listVolumes([`monitor.stack=${config.name}`]),
    Promise.all(SERVERS.map((server) => engine.inspectVolume(config[server].volume))),
  ]);
  return { containers, networks, volumes, named: named.filter((v) => v !== undefined) };
};

const removedBy = (operation: Operation): string[] => {
  if (operation.kind === 'removeContainer') return [`container ${operation.container}`];
  if (operation.kind === 'removeNetwork') return [`network ${operation.name}`];
  return operation.kind === 'removeVolume' ? [`volume ${operation.name}`] : [];
};

/** Asks before anything is removed. Fails with `confirmation-needed` or `declined`. */
const confirm = async ({ deps }: Session, volumes: readonly string[]): Promise<void> => {
  if (deps.confirm === undefined) {
    throw mistake({
      code: 'confirmation-needed',
      message: `\`monitor down --volumes\` removes ${volumes.join(' and ')} permanently, and needs confirmation`,
      detail: ['there is no terminal to ask in, or --json is given'],
      suggestion: 'add --yes to confirm',
    });
  }
  if (await deps.confirm(`Remove ${volumes.join(' and ')} with all metrics and dashboards stored in them?`)) return;
  throw new MonitorError({
    code: 'declined',
    message: 'Nothing was removed',
    suggestion: '`monitor down` without --volumes keeps the data',
  });
};
