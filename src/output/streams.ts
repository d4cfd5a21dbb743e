import type { Style } from './style.ts';

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
