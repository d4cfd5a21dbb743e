import { removeTarget } from '../config/edit.ts';
import type { TargetReport } from '../output/report.ts';
import type { Deps } from './deps.ts';
import { editConfig } from './edit-config.ts';

/** Takes a target out of monitor.yml and out of a running stack, which leaves the networks that only it needed. */
export const runRemoveTarget = (deps: Deps, address: string): Promise<TargetReport> =>
  editConfig(
    deps,
    (loaded) => ({ ...removeTarget(loaded.text, address, loaded.path), path: loaded.path }),
    async ({ change, path }, applied) => ({
      kind: 'remove-target',
      address,
      change,
      config: path,
      applied: applied.applied,
      operations: applied.done?.operations ?? [],
      notices: applied.applied ? [] : applied.notices,
    }),
  );
