/** How the process ends: 0 done, 1 failed, 2 wrong usage or configuration, 3 a check did not hold, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

export interface MonitorErrorOptions {
  /** Stable, in kebab-case: what scripts branch on, for example `port-in-use`. */
  code: string;
  /** What happened, and to what: one sentence without a full stop at its end. */
  message: string;
  /** Why: facts, one a line (the engine's own words, log lines, every problem of a file). */
  detail?: readonly string[];
  /** What to do next: a sentence or a command. */
  suggestion?: string;
  exitCode?: Exclude<ExitCode, 0>;
  cause?: unknown;
}

/** A failure that is worded for the user; anything else that is thrown is a bug. */
export class MonitorError extends Error {
  override readonly name = 'MonitorError';
  readonly code: string;
  readonly detail: readonly string[];
  readonly suggestion: string | undefined;
  readonly exitCode: Exclude<ExitCode, 0>;

  constructor(options: MonitorErrorOptions) {
    super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.detail = options.detail ?? [];
    this.suggestion = options.suggestion;
    this.exitCode = options.exitCode ?? 1;
  }
}

/** What the user did is wrong: the command line, or monitor.yml. */
export const mistake = (options: Omit<MonitorErrorOptions, 'exitCode'>): MonitorError =>
  new MonitorError({ ...options, exitCode: 2 });

/** For `catch`: an answer that a server does not give is missing, and nothing else. */
export const unlessRefused = (error: unknown): undefined => {
  if (!(error instanceof MonitorError)) throw error;
  return undefined;
};

/** The text of anything that was thrown. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * The system's code of an error, such as `ENOENT`; empty where it has none. Connecting to a name with several addresses
 * fails with an AggregateError: its parts hold the codes.
 */
export const codeOf = (error: unknown): string => {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
};
