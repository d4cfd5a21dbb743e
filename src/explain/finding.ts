import type { Evidence } from './evidence.ts';

/** Why a target is as it is, and what to change: for a person. */
export interface Finding {
  /** Stable, kebab-case: what scripts branch on. */
  code: string;
  /** Reads after "ADDRESS is down: ". */
  cause: string;
  remedy: string;
}

/** One question of the evidence; `undefined` where it does not apply. */
export type Rule = (evidence: Evidence) => Finding | undefined;
