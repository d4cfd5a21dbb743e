import type { MonitorError } from '../errors.ts';
import type { Progress } from '../stack/progress.ts';
import type { Report } from './report.ts';
import type { Style } from './style.ts';

/**
 * Everything that a user sees is printed by one of these: for a terminal, plain, JSON or quiet.
 * Progress, notes and errors are for stderr, results for stdout.
 */
export interface Reporter extends Progress {
  result(report: Report): void;
  error(error: MonitorError): void;
  /** Stops the live lines on the terminal. */
  close(): void;
}

/** Where a reporter writes, and how each stream is coloured. */
export interface Output {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  outStyle: Style;
  errStyle: Style;
  now: () => Date;
  /** Whether each step is printed, and not only the end of the last one. */
  verbose: boolean;
}
