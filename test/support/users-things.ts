import { inject } from 'vitest';
import { eventually } from './ask.ts';
import { docker } from './engine-view.ts';
import './sandbox-context.ts';

/** Whose it is: `monitor.test.owner`, so that a test removes what it made and nothing else. */
const OWNER = 'monitor.test.owner';

export interface UsersContainer {
  name: string;
  /** The default bridge where absent. */
  network?: string;
  aliases?: readonly string[];
  ports?: readonly { container: number; host: number }[];
}

/** What a user of the engine has on it besides the stack: networks, volumes, and small servers. */
export interface UsersThings {
  network(name: string): Promise<void>;
  volume(name: string): Promise<void>;
  /** A container that serves metrics on 9100: `myevents_bookings_count`, which grows with each scrape. */
  service(spec: UsersContainer): Promise<void>;
  /** A container that does nothing. */
  idle(spec: UsersContainer): Promise<void>;
  /** Removes all of it. */
  remove(): Promise<void>;
}

const SERVER = `
let scrapes = 0;
const server = require('node:http').createServer((request, response) => {
  if (request.url !== '/metrics') return response.writeHead(404).end();
  response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' });
  response.end('# TYPE myevents_bookings_count counter\\nmyevents_bookings_count{eventID="7"} ' + ++scrapes + '\\n');
});
server.listen(9100);
process.on('SIGTERM', () => process.exit(0));`;

export const usersThings = (owner: string): UsersThings => {
  const labels = { [OWNER]: owner };
  const mine = { filters: { label: [`${OWNER}=${owner}`] } };
  const run = async (image: string, command: string[], spec: UsersContainer): Promise<void> => {
    const { name, network = 'bridge', aliases = [], ports = [] } = spec;
    const made = await docker.createContainer({
      name,
      Image: image,
      Cmd: command,
      Entrypoint: [],
      Labels: labels,
      ExposedPorts: Object.fromEntries(ports.map((p) => [`${p.container}/tcp`, {}])),
      HostConfig: {
        NetworkMode: network,
        PortBindings: Object.fromEntries(
          ports.map((p) => [`${p.container}/tcp`, [{ HostIp: '127.0.0.1', HostPort: `${p.host}` }]]),
        ),
      },
      // Podman refuses an entry for its default network.
      NetworkingConfig: { EndpointsConfig: network === 'bridge' ? {} : { [network]: { Aliases: [...aliases] } } },
    });
    await made.start();
  };
  return {
    network: async (name) => void (await docker.createNetwork({ Name: name, Labels: labels })),
    volume: async (name) => void (await docker.createVolume({ Name: name, Labels: labels })),
    service: (spec) => run(inject('images').node, ['node', '-e', SERVER], spec),
    idle: (spec) =>
      run(inject('images').busybox, ['sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.2; done'], spec),
    remove: async () => {
      const containers = await docker.listContainers({ all: true, ...mine });
      await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
      const networks = await docker.listNetworks(mine);
      // Another test's container that asks endpoints may be on it for a moment.
      await Promise.all(networks.map(({ Id }) => eventually(() => docker.getNetwork(Id).remove())));
      const { Volumes } = await docker.listVolumes(mine);
      await Promise.all((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove()));
    },
  };
};
