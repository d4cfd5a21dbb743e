/** What is told while a command works: each thing that something is done to, and what the user should know. */
export interface Progress {
  /**
   * `resource`: `Container prometheus`; empty for work on no single thing. `doing`: the step that is under way, `Starting`.
   * `quiet`: no line when it succeeds.
   */
  start(resource: string, doing: string, options?: { quiet?: boolean }): Step;
  /** Something that the user should know. */
  note(text: string): void;
  /** The same, and likely a mistake. `data`, of a command that goes on, is what JSON prints; without it JSON is silent. */
  warn(text: string, data?: unknown): void;
  /** A result as it comes, of a command that goes on: a log line, a change. `data` is what JSON prints. */
  event(text: string, data: unknown): void;
}
export interface Step {
  update(doing: string): void;
  /** `outcome`: `Created`. */
  done(outcome?: string): void;
  failed(): void;
}

/** Ends a step with the work that it tells of: done, or failed where that throws. */
export const during = async <T>(step: Step, work: () => Promise<T>, outcome?: string): Promise<T> => {
  try {
    const result = await work();
    step.done(outcome);
    return result;
  } catch (error) {
    step.failed();
    throw error;
  }
};

/** Without steps and notes: those of the rounds of a watch are many, and not what the user watches for. */
export const silent = (reporter: Progress): Progress => ({
  ...reporter,
  note: () => {},
  start: () => ({ update: () => {}, done: () => {}, failed: () => {} }),
});
