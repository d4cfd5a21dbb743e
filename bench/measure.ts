import type { SandboxImages } from '../scripts/sandbox/images.ts';

/** One number with the goal that it is held against. */
export interface Finding {
  /** What is compared: `monitor --version / node -e 0`. */
  what: string;
  value: number;
  /** `x`: a ratio. */
  unit: 'x' | 'MiB' | 'ms' | '%';
  /** The most that `value` should be, in the same unit. */
  goal: number;
  /** The samples behind it, for a person. */
  detail: string;
}

/** A measure that cannot be taken on this machine. */
export interface Skipped {
  what: string;
  because: string;
}

/** What a measure works with. */
export interface Lab {
  /** Samples of each contestant. */
  rounds: number;
  /** Folder of this repository. */
  root: string;
  say(line: string): void;
  /** An engine that answers, with images for the stack on it; brought up at the first call. */
  images(): Promise<SandboxImages>;
  /** An empty folder, removed at the end. */
  folder(name: string): string;
  /** Runs at the end, whatever happens, the last one first. */
  atEnd(work: () => Promise<unknown>): void;
}

export type Measure = (lab: Lab) => Promise<(Finding | Skipped)[]>;
