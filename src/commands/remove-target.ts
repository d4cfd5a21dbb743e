import type { Define } from '../cli/command.ts';
import { removeTarget } from '../config/edit.ts';
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
    async ({ change }, applied) => ({
      kind: 'remove-target',
      address,
      change,
      ...applied,
      notices: applied.applied ? [] : applied.notices,
    }),
  );
