import type { MonitorError } from '../errors.ts';
import type { Progress } from '../stack/apply.ts';
import type { Report } from './report.ts';

/**
 * All that a user sees goes through one of these; the terminal's, the plain, the JSON and the quiet one.
 * Progress, notes and errors are for stderr, results for stdout.
 */
export interface Reporter extends Progress {
  /** Something that the user should know. */
  note(text: string): void;
  /** The same, and likely a mistake. `data`, of a command that goes on, is what JSON prints; without it JSON is silent. */
  warn(text: string, data?: unknown): void;
  /** A result as it comes, of a command that goes on: a log line, a change. `data` is what JSON prints. */
  event(text: string, data: unknown): void;
  result(report: Report): void;
  error(error: MonitorError): void;
  /** Ends what moves on the terminal. */
  close(): void;
}
