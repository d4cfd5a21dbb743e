import type { PlacingEngine } from '../detect/place.ts';
import type { Vantage } from '../detect/survey.ts';
import type { Engine } from '../docker/engine.ts';

/** Where the evidence is gathered. */
export interface Scene {
  engine: Engine;
  observed: PlacingEngine;
  stackNetwork: string;
  /** Where endpoints are asked from, with the networks that Prometheus is on; absent where nothing can be asked. */
  vantage: Vantage | undefined;
  /** Whether this Prometheus refuses metrics for their Content-Type alone, as 3.x does; absent where its own words tell. */
  strict?: boolean;
  /** Names that a misspelt one may have meant. */
  names: readonly string[];
  /** Runs a command beside a container whose image cannot; absent: such a container is not looked into. */
  beside?: (container: string, command: readonly string[]) => Promise<string | undefined>;
}
