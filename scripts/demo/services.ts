import type { Container, Engine } from '../../src/docker/engine.ts';
import { HARDENED } from '../../src/stack/desired.ts';
import type { Say } from '../sandbox/run.ts';
import { DEMO_FILTER, DEMO_LABELS, isOfDemo, NETWORK } from './names.ts';
import { SERVICES, type Service } from './service-images.ts';

/** The services end at SIGTERM; milliseconds are enough. */
const GRACE_SECONDS = 5;

/**
 * Runs the services on their network; one of an earlier demo that runs from the same image goes on.
 *
 * @throws Error when a container of a service's name is not the demo's.
 */
export async function startServices(engine: Engine, images: Record<Service, string>, say: Say): Promise<void> {
  await refuseForeign(engine);
  await ensureNetwork(engine, say);
  for (const container of await engine.listContainers(DEMO_FILTER)) {
    if (!SERVICES.some((service) => isAsWanted(container, service, images[service])))
      await remove(engine, container, say);
  }
  const kept = (await engine.listContainers(DEMO_FILTER)).map((c) => c.name);
  for (const service of SERVICES) {
    if (kept.includes(service)) say(`Container ${service} of an earlier demo runs on network ${NETWORK}.`);
    else await start(engine, service, images[service], say);
  }
}

const isAsWanted = (container: Container, service: Service, image: string): boolean =>
  container.name === service &&
  container.image === image &&
  container.state === 'running' &&
  container.networks.some((n) => n.name === NETWORK);

async function start(engine: Engine, service: Service, image: string, say: Say): Promise<void> {
  const id = await engine.createContainer({
    name: service,
    image,
    env: {},
    labels: DEMO_LABELS,
    mounts: [],
    ports: [],
    network: { name: NETWORK, aliases: [] },
    extraHosts: [],
    ...HARDENED,
  });
  await engine.startContainer(id);
  say(`Started container ${service} on network ${NETWORK}.`);
}

/** Takes away what `startServices` made. A network that others use, or made, stays. */
export async function removeServices(engine: Engine, say: Say): Promise<void> {
  for (const container of await engine.listContainers(DEMO_FILTER)) await remove(engine, container, say);
  const network = (await engine.listNetworks()).find((n) => n.name === NETWORK);
  if (network === undefined) return;
  if (!isOfDemo(network)) {
    say(`Network ${NETWORK} stays: the demo did not make it.`);
    return;
  }
  const isOnIt = (container: Container) => container.networks.some(({ name }) => name === NETWORK);
  const users = (await engine.listContainers()).filter(isOnIt).map(({ name }) => name);
  if (users.length > 0) {
    say(`Network ${NETWORK} stays: ${users.join(', ')} ${users.length === 1 ? 'is' : 'are'} on it.`);
    return;
  }
  await engine.removeNetwork(network.id);
  say(`Removed network ${NETWORK}.`);
}

async function refuseForeign(engine: Engine): Promise<void> {
  const names: readonly string[] = SERVICES;
  const foreign = (await engine.listContainers()).find((c) => names.includes(c.name) && !isOfDemo(c));
  if (foreign === undefined) return;
  const { name, image } = foreign;
  throw new Error(
    [
      `There is a container called ${name} (image ${image}) that the demo did not make; its own has to have this name.`,
      `Rename yours (docker rename ${name} my-${name}) or remove it (docker rm --force ${name}), and start the demo again.`,
    ].join('\n'),
  );
}

async function ensureNetwork(engine: Engine, say: Say): Promise<void> {
  const network = (await engine.listNetworks()).find((n) => n.name === NETWORK);
  if (network === undefined) {
    await engine.createNetwork(NETWORK, DEMO_LABELS);
    say(`Created network ${NETWORK}.`);
  } else if (!isOfDemo(network)) {
    say(`Network ${NETWORK} exists: it is used, and never removed.`);
  }
}

async function remove(engine: Engine, container: Container, say: Say): Promise<void> {
  await engine.stopContainer(container.id, GRACE_SECONDS);
  await engine.removeContainer(container.id);
  say(`Removed container ${container.name}.`);
}
