import { reach } from '../detect/reach.ts';
import type { Vantage } from '../detect/survey.ts';
import { MonitorError, unlessRefused } from '../errors.ts';
import { prometheusNow } from '../prometheus/clock.ts';
import type { Snapshot } from '../stack/model.ts';
import type { Session } from '../stack/session.ts';
import { openAsker, withThrowaway } from '../stack/throwaway.ts';
import type { Beside } from './containers.ts';
import type { RunningPrometheus, Subject } from './evidence.ts';

export interface Scene {
  session: Session;
  observed: Snapshot;
  /** Where endpoints are asked from, with the networks that Prometheus is on; absent where nothing can be asked. */
  vantage: Vantage | undefined;
  prometheus: RunningPrometheus;
  /** Unix ms, by Prometheus's clock. */
  now: number;
  /** Absent: no container is started to look into another one. */
  beside?: Beside;
}

/**
 * Works where evidence is gathered: in a throwaway container on the networks that Prometheus is on now, and on those of what
 * was only `found`. It tries the other networks of the subjects, too, and finds out what the engine refuses. Without the image
 * of Prometheus, or a shell in it, nothing is asked.
 */
export const withScene = async <T>(
  session: Session,
  snapshot: Snapshot,
  subjects: readonly Subject[],
  { thorough }: { thorough: boolean },
  work: (scene: Scene) => Promise<T>,
): Promise<T> => {
  const { engine, loaded, prometheus } = session;
  const { network: stackNetwork, prometheus: service } = loaded.config;
  const [running, version = '', now] = await Promise.all([
    engine.inspectContainer(service.container),
    prometheus.version().catch(unlessRefused),
    prometheusNow(prometheus),
  ]);
  const joined = running?.state === 'running' ? running.networks.map((n) => n.name) : [];
  const found = subjects.flatMap(({ standing, container }) => {
    const reached = standing === 'found' && container ? reach(container, snapshot, stackNetwork) : undefined;
    return reached?.ok ? (reached.network ?? []) : [];
  });
  const needed = [...joined, ...found];
  const others = subjects.flatMap(({ container }) => container?.networks.map((n) => n.name) ?? []);
  const asker = snapshot.images.has(service.image)
    ? await openAsker(session, snapshot, needed).catch(withoutShell)
    : undefined;
  try {
    const vantage = await asker?.join([...needed, ...others.filter((n) => n !== 'none' && n !== 'host')]);
    return await work({
      session,
      observed: snapshot,
      vantage: vantage && { ...vantage, networks: new Set(needed.filter((n) => vantage.networks.has(n))) },
      prometheus: { container: service.container, version },
      now,
      beside: thorough ? besideIn(session) : undefined,
    });
  } finally {
    await asker?.remove();
  }
};

const withoutShell = (error: unknown): undefined => {
  if (!(error instanceof MonitorError) || error.code !== 'no-shell') throw error;
  return undefined;
};

/** Where no container can be started there, nothing is seen: the look is not worth a failure. */
const besideIn =
  ({ engine, loaded: { config } }: Session): Beside =>
  (container, command) => {
    const options = { stack: config.name, image: config.prometheus.image, network: `container:${container}` };
    return withThrowaway(engine, options, async (id) => (await engine.exec(id, command)).stdout).catch(() => undefined);
  };
