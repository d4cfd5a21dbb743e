import type { MonitorError } from '../errors.ts';
import type { Progress } from '../stack/progress.ts';
import type { Report } from './report.ts';

/**
 * All that a user sees goes through one of these; the terminal's, the plain, the JSON and the quiet one.
 * Progress, notes and errors are for stderr, results for stdout.
 */
export interface Reporter extends Progress {
  result(report: Report): void;
  error(error: MonitorError): void;
  /** Ends what moves on the terminal. */
  close(): void;
}
