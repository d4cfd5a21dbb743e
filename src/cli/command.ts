import type { Command } from 'commander';
import type { Report } from '../output/report.ts';
import type { Deps } from '../stack/session.ts';

/** Adds arguments, options, further help and the action to a command, which has its name and description already. */
export type Define = (command: Command, invoke: Invoke) => void;

/** Runs what a parsed command line asks for: `run` with these options. */
export type Invoke = <O, R extends Report>(
  run: (deps: Deps, options: O) => Promise<R>,
  options: O,
  how?: Invocation<R>,
) => Promise<void>;

export interface Invocation<R extends Report = Report> {
  /** Absent: 0. */
  exitCode?: (report: R) => 0 | 1 | 3;
  /** It runs until Ctrl-C, which ends it without an error. */
  endless?: boolean;
}
