import type { Command } from 'commander';
import type { Report } from '../output/report.ts';
import type { Deps } from '../stack/session.ts';

/** Adds arguments, options, further help and the action to a command, which has its name and description already. */
export type Define = (command: Command, invoke: Invoke) => void;

/** The action of a command: calls `run` with the arguments and options of the command line, as commander has parsed them. */
export type Invoke = <A extends unknown[], R extends Report>(
  run: (deps: Deps, ...parsed: A) => Promise<R>,
  how?: Invocation<A, R>,
) => (...parsed: A) => Promise<void>;

export interface Invocation<A extends unknown[], R extends Report> {
  /** Absent: 0. */
  exitCode?: (report: R, ...parsed: A) => 0 | 1 | 3;
  /** It runs until Ctrl-C, which ends it without an error. */
  endless?: boolean;
}
