import { errorText } from '../errors.ts';

/** The engine is not as the look found it: another plan is due. `cause`: what showed it. */
export class OutdatedPlan extends Error {
  override readonly name = 'OutdatedPlan';
  constructor(override readonly cause: unknown) {
    super(`the plan is outdated: ${errorText(cause)}`);
  }
}
