import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';

/** One question of the evidence; `undefined` where it does not apply. */
export type Rule = (evidence: Evidence) => Finding | undefined;
