/** Why a target is as it is, and what to change: for a person. */
export interface Finding {
  /** Stable, kebab-case: what scripts branch on. */
  code: string;
  /** Reads after "ADDRESS is down: ". */
  cause: string;
  remedy: string;
}
