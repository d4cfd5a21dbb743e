import type { MonitorError } from '../errors.ts';
import type { Progress } from '../stack/progress.ts';
import type { Report } from './report.ts';

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
