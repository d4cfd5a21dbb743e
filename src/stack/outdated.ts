import type { EngineError } from '../docker/engine.ts';
import { errorText } from '../errors.ts';

/** The engine is not as the look found it: another plan is due. `cause`: what showed it. */
export class OutdatedPlan extends Error {
  override readonly name = 'OutdatedPlan';
  constructor(override readonly cause: unknown) {
    super(`the plan is outdated: ${errorText(cause)}`);
  }
}

/** The engine does not connect Prometheus to a network: another plan has to do without it. */
export class NetworkRefused extends Error {
  override readonly name = 'NetworkRefused';
  constructor(
    readonly network: string,
    override readonly cause: EngineError,
  ) {
    super(`network ${network} cannot be joined: ${cause.message}`);
  }
}
