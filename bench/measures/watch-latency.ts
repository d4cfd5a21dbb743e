import { connect as dial } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerClient } from '../../scripts/sandbox/client.ts';
import { createDetectBench, listsAtOnce, momentOf } from '../detect-lab.ts';
import type { Measure } from '../measure.ts';
import { startPeer } from '../peer-prometheus.ts';
import { median, summary } from '../stats.ts';

const GOAL_LOADED_MS = 500;
const GOAL_TARGETS_MS = 1000;
/** Prometheus's back-off starts again after 5 s of quiet; a change within them would measure the one before. */
const APART_MS = 6000;
const CONFIG = (network: string): string => `
global: {scrape_interval: 15s}
scrape_configs:
  - job_name: docker
    docker_sd_configs: [{host: 'unix:///var/run/docker.sock', refresh_interval: 60s}]
    relabel_configs: [{source_labels: [__meta_docker_network_name], regex: '${network}', action: keep}]
`;

/** From a container that answers to the configuration and the target list, beside a Prometheus with docker_sd. */
export const watchLatency: Measure = async (lab) => {
  const { prometheus } = await lab.images();
  const bench = await createDetectBench(lab, 'latency');
  await bench.monitor('up');
  bench.start('watch');
  const { targets: peer } = await startPeer(lab, bench, CONFIG(bench.network));
  const names = await bench.make(lab.rounds + 1, 'c');
  // Made containers are taken for a burst that is still being started, for a while.
  await sleep(11_000);
  const loaded: number[] = [];
  const listed: number[] = [];
  const peers: Promise<number>[] = [];
  for (const [round, name] of names.entries()) {
    await bench.startContainer(name);
    const answers = await momentOf(() => isListening(name, bench.network), 5);
    const [load, list] = await Promise.all([
      momentOf(async () => (await bench.loaded()).includes(`${name}:9100`), 10),
      momentOf(async () => (await bench.targets()).includes(`${name}:9100`), 10),
    ]);
    const address = await addressOf(name, bench.network);
    const found = momentOf(async () => (await peer()).includes(`${address}:9100`), 250, 120_000);
    // The first one warms everything up.
    if (round > 0) {
      loaded.push(Math.max(0, load - answers));
      listed.push(Math.max(0, list - answers));
      peers.push(found.then((at) => at - answers));
    }
    await sleep(APART_MS);
  }
  const theirs = await Promise.all(peers);
  const beside = `docker_sd with a 60 s poll: ${summary(theirs, 'ms')}; Prometheus ${prometheus.version}`;
  return [
    {
      what: 'watch: from answering to the loaded configuration',
      value: median(loaded),
      unit: 'ms',
      goal: GOAL_LOADED_MS,
      detail: `${summary(loaded, 'ms')}; ${beside}`,
    },
    !listsAtOnce(prometheus.version)
      ? {
          what: 'watch: from answering to the target list',
          because: `Prometheus ${prometheus.version} throttles it by up to 6 s itself; PROMETHEUS_IMAGE names a 3.12 or later`,
        }
      : {
          what: 'watch: from answering to the target list',
          value: median(listed),
          unit: 'ms',
          goal: GOAL_TARGETS_MS,
          detail: `${summary(listed, 'ms')}; ${beside}`,
        },
  ];
};

const addressOf = async (name: string, network: string): Promise<string> => {
  const { NetworkSettings } = await (await dockerClient()).getContainer(name).inspect();
  return NetworkSettings.Networks[network]?.IPAddress ?? '';
};

const isListening = async (name: string, network: string): Promise<boolean> => {
  const host = await addressOf(name, network);
  return new Promise((resolve) => {
    const socket = dial({ host, port: 9100 }, () => resolve(true));
    socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
  });
};
