import type { Define } from '../cli/command.ts';
import { removeTarget } from '../config/edit.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { ReportOf } from '../output/report.ts';
import { editConfig } from '../stack/edit-config.ts';
import type { Deps } from '../stack/session.ts';

export const command: Define = (removeTarget, invoke) =>
  removeTarget.argument('<host:port>', 'as it is in monitor.yml').action(invoke(runRemoveTarget));

/** Removes a target from monitor.yml and a running stack, and disconnects Prometheus from networks that only it needed. */
export const runRemoveTarget = (deps: Deps, address: string): Promise<ReportOf<'remove-target'>> =>
  editConfig(
    deps,
    (loaded) => removeTarget(loaded.text, address, loaded.path),
    async ({ change }, applied, running) => ({
      kind: 'remove-target',
      address,
      change,
      ...applied,
      notices: running === undefined ? applied.notices : stillDetected(address, running.done.rendered.targets),
    }),
  );

/** Whether detection goes on with what monitor.yml does not name any more. Pure. */
export const stillDetected = (address: string, targets: readonly ScrapeTarget[]): string[] =>
  targets
    .filter(({ origin, instance }) => origin === 'detected' && instance === address)
    .map(
      ({ job }) =>
        `${address} is still scraped, since detection finds it (job ${job}); the label prometheus.io/scrape: "false" excludes a container`,
    );
