/** Something of the stack that is not the same after an export, and what to do about it. */
export interface Finding {
  /** Stable, kebab-case: `this-machine`, `no-service`, `file`, ... */
  code: string;
  /** What it is about: an address, a job, a container. */
  subject: string;
  /** What is so, and why. */
  message: string;
  remedy: string;
}
