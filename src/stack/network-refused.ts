import { plural } from '../config/words.ts';
import type { EngineError } from '../docker/engine.ts';
import { networkRefusal, remedyFor } from '../docker/refusals.ts';
import { MonitorError } from '../errors.ts';

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

/** What Prometheus is to reach on a network. */
export interface Wanted {
  network?: string;
  instance: string;
}

const MOST_NAMED = 4;

/** One line for each network that cannot be joined: what is not scraped for that reason, the engine's words, a remedy. Pure. */
export const refusedNotices = (refused: ReadonlyMap<string, EngineError>, wanted: readonly Wanted[]): string[] =>
  [...refused].flatMap(([network, error]) => {
    const names = [...new Set(wanted.filter((w) => w.network === network).map((w) => w.instance))].sort();
    if (names.length === 0) return [];
    const more = names.length > MOST_NAMED ? ` and ${plural(names.length - MOST_NAMED, 'more target')}` : '';
    const targets = `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
    const remedy = remedyFor(network, error.message);
    return [
      `Prometheus cannot join network ${network}, so it cannot reach ${targets}: ${error.message}; ${remedy}, then run \`monitor up\``,
    ];
  });

/** Whatever the status says: Docker 20.10 answers 404 where it has no address range left. */
export const notCreated = (network: string, error: EngineError): MonitorError => {
  const refusal = networkRefusal(error.message);
  return new MonitorError({
    code: refusal ?? 'network-refused',
    message: `The engine cannot create network ${network}`,
    detail: [error.message],
    suggestion:
      refusal === 'no-address-range'
        ? 'remove the networks that nothing uses (`docker network prune`), or set `network` in monitor.yml to one that exists, then run `monitor up` again'
        : 'fix what it reports, then run `monitor up` again',
    cause: error,
  });
};
