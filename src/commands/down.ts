import type { Define } from '../cli/command.ts';
import { SERVERS } from '../config/servers.ts';
import { MonitorError, mistake } from '../errors.ts';
import type { ReportOf } from '../output/report.ts';
import { contextOf } from '../stack/context.ts';
import { execute } from '../stack/execute.ts';
import { planDown } from '../stack/plan-down.ts';
import { type Deps, exclusively, type Session, withSession } from '../stack/session.ts';

export const command: Define = (down, invoke) =>
  down
    .option('--volumes', 'remove the volumes too, with all data in them', false)
    .option('--yes', 'do not ask for confirmation', false)
    .action(invoke(runDown));

/** How long to wait for another monitor on this stack; milliseconds. */
const LOCK_MS = 60_000;

/** Removes the stack's containers and its network; its volumes only if asked to, and confirmed. */
export const runDown = (deps: Deps, { volumes, yes }: { volumes: boolean; yes: boolean }): Promise<ReportOf<'down'>> =>
  withSession(deps, (session) =>
    exclusively(session, LOCK_MS, async () => {
      const { engine, loaded } = session;
      const { config } = loaded;
      const [containers, networks, own, named] = await Promise.all([
        engine.listContainers(),
        engine.listNetworks(),
        engine.listVolumes([`monitor.stack=${config.name}`]),
        Promise.all(SERVERS.map((server) => engine.inspectVolume(config[server].volume))),
      ]);
      const seen = { containers, networks, volumes: own, named: named.filter((v) => v !== undefined) };
      const { plan, kept } = planDown(config, seen, { volumes });
      if (volumes && own.length > 0 && !yes) await confirm(session, own.map((v) => v.name).sort());
      await execute(plan, contextOf(session, LOCK_MS));
      const removed = plan.operations.flatMap((o) => {
        if (o.kind === 'removeContainer') return [`container ${o.container}`];
        return o.kind === 'removeNetwork'
          ? [`network ${o.name}`]
          : o.kind === 'removeVolume'
            ? [`volume ${o.name}`]
            : [];
      });
      return { kind: 'down', stack: config.name, removed, kept, notices: plan.notices };
    }),
  );

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
