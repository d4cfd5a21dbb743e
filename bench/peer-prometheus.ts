import { dockerClient } from '../scripts/sandbox/client.ts';
import { askPort, type DetectBench, momentOf } from './detect-lab.ts';
import type { Lab } from './measure.ts';

/** A Prometheus as a person starts it, of the same image, beside ours. */
export interface Peer {
  /** Unix milliseconds, by the engine's clock. */
  startedAt: number;
  /** What it answers of its targets. */
  targets(): Promise<string>;
  remove(): Promise<void>;
}

/** Starts it on the containers' network with the engine's socket, for a configuration that asks the engine itself. */
export const startPeer = async (lab: Lab, { config, network }: DetectBench, configuration: string): Promise<Peer> => {
  const docker = await dockerClient();
  const port = config.prometheus.port + 1000 > 65_535 ? config.prometheus.port - 1000 : config.prometheus.port + 1000;
  const made = await docker.createContainer({
    name: `${config.name}-peer`,
    Image: config.prometheus.image,
    User: 'root',
    Entrypoint: [
      '/bin/sh',
      '-c',
      'printf "%s" "$CONFIG" >/tmp/p.yml; exec /bin/prometheus --config.file=/tmp/p.yml --storage.tsdb.path=/tmp/data',
    ],
    Env: [`CONFIG=${configuration}`],
    ExposedPorts: { '9090/tcp': {} },
    HostConfig: {
      NetworkMode: network,
      Binds: ['/var/run/docker.sock:/var/run/docker.sock'],
      PortBindings: { '9090/tcp': [{ HostIp: '127.0.0.1', HostPort: `${port}` }] },
    },
  });
  const remove = (): Promise<void> => made.remove({ force: true, v: true });
  lab.atEnd(() => remove().catch(() => undefined));
  await made.start();
  const targets = (): Promise<string> => askPort(port, '/api/v1/targets?state=active');
  await momentOf(async () => (await targets()).includes('activeTargets'), 10);
  const { State } = await made.inspect();
  return { startedAt: Date.parse(State.StartedAt), targets, remove };
};
