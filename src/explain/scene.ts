import type { PlacingEngine } from '../detect/place.ts';
import type { Vantage } from '../detect/survey.ts';
import type { Engine } from '../docker/engine.ts';
import type { Recent } from './evidence.ts';

/** Where the evidence is gathered. */
export interface Scene {
  engine: Engine;
  observed: PlacingEngine;
  stackNetwork: string;
  /** Where endpoints are asked from, with the networks that Prometheus is on; absent where nothing can be asked. */
  vantage: Vantage | undefined;
  /** Prometheus's container, its version (empty: not known) and clock (Unix ms). */
  prometheus: { container: string; version: string; now: number };
  /** How the scrapes of the last minutes of a target went; absent where Prometheus does not tell. */
  recent: (target: { job: string; instance: string }) => Promise<Recent | undefined>;
  /** Names that a misspelt one may have meant. */
  names: readonly string[];
  /** Runs a command beside a container whose image cannot; absent: such a container is not looked into. */
  beside?: (container: string, command: readonly string[]) => Promise<string | undefined>;
}
