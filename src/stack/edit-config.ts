import { findConfig, loadConfig } from '../config/load.ts';
import type { LoadedConfig } from '../config/model.ts';
import { resolve } from '../config/resolve.ts';
import { writeFileAtomically } from '../config/write.ts';
import { MonitorError } from '../errors.ts';
import type { EditOutcome } from '../output/report.ts';
import { type BroughtUp, bringUp } from './bring-up.ts';
import { containerIn, stackFilter } from './labels.ts';
import { operationRows, type PartChoice } from './operations.ts';
import { type Deps, exclusively, locked, type Session, withSession } from './session.ts';

/** How long a start or another monitor may take; milliseconds. */
const TIMEOUT_MS = 120_000;

/** The running stack that took an edit over. */
export interface Running {
  session: Session;
  done: BroughtUp;
}

type After<E, T> = (edited: E, outcome: EditOutcome, running: Running | undefined) => Promise<T>;

/**
 * Changes monitor.yml by `edit`, and brings the change into the stack where Prometheus runs; `after` works on that. A change
 * that is refused (exit code 2) is taken back out of the file, and `undo` takes back the rest of it. Two edits of one file go
 * one after the other, each to its end: what the second brings into the stack, or takes back, has the first one in it.
 */
export const editConfig = async <E extends { text: string; undo?: () => Promise<void> }, T>(
  deps: Deps,
  edit: (loaded: LoadedConfig) => E | Promise<E>,
  after: After<E, T>,
  parts: (edited: E) => readonly PartChoice[] = () => ['prometheus'],
): Promise<T> => {
  const path = await findConfig(deps.cwd, deps.configPath);
  return locked(deps, path, `editing ${path}`, TIMEOUT_MS, async () => {
    const before = await loadConfig(path);
    const edited = await edit(before);
    const loaded = { ...before, text: edited.text, config: resolve(edited.text, path) };
    if (edited.text !== before.text) await writeFileAtomically(path, edited.text);
    return bringIn(deps, loaded, edited, after, parts(edited)).catch(async (error: unknown) => {
      if (error instanceof MonitorError && error.exitCode === 2) {
        await writeFileAtomically(path, before.text);
        await edited.undo?.();
      }
      throw error;
    });
  });
};

const bringIn = async <E, T>(
  deps: Deps,
  loaded: LoadedConfig,
  edited: E,
  after: After<E, T>,
  parts: readonly PartChoice[],
): Promise<T> => {
  const { path: config } = loaded;
  const unapplied = (...notices: string[]) =>
    after(edited, { config, applied: false, operations: [], notices }, undefined);
  const work = async (session: Session): Promise<T> => {
    if (!(await prometheusRuns(session))) return unapplied();
    const options = { pull: 'missing', timeoutMs: TIMEOUT_MS, only: parts } as const;
    const done = await exclusively(session, TIMEOUT_MS, () => bringUp(session, options));
    const operations = operationRows(done.operations);
    return after(edited, { config, applied: true, operations, notices: done.notices }, { session, done });
  };
  try {
    return await withSession(deps, work, loaded);
  } catch (error) {
    if (!(error instanceof MonitorError && error.code === 'no-engine')) throw error;
    return unapplied('no Docker engine can be reached, so the stack was not updated');
  }
};

const prometheusRuns = async ({ engine, loaded }: Session): Promise<boolean> => {
  const { name } = loaded.config;
  const containers = await engine.listContainers(stackFilter(name));
  return containerIn(containers, name, 'prometheus')?.state === 'running';
};
