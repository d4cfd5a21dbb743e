import { dockerClient } from '../../scripts/sandbox/client.ts';
import { createDetectBench, listsAtOnce, momentOf } from '../detect-lab.ts';
import type { Measure } from '../measure.ts';
import { startPeer } from '../peer-prometheus.ts';
import { median, summary } from '../stats.ts';

const GOAL_MS = 1500;
const WHAT = 'first up: from the start of Prometheus to its first targets';
const CONFIG = (target: string): string => `
scrape_configs:
  - job_name: web
    static_configs: [{targets: ['${target}']}]
`;

/** How soon a Prometheus that was just started lists what `up` has found; the peer is one of the same image without our flag. */
export const firstTargets: Measure = async (lab) => {
  const { version } = (await lab.images()).prometheus;
  if (!listsAtOnce(version)) {
    const because = `Prometheus ${version} takes 5.3 to 5.8 s whatever its flags; PROMETHEUS_IMAGE names a 3.12 or later`;
    return [{ what: WHAT, because }];
  }
  const bench = await createDetectBench(lab, 'first');
  const [name = ''] = await bench.make(1, 'c');
  await bench.startContainer(name);
  const target = `${name}:9100`;
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < lab.rounds; round++) {
    const listed = momentOf(async () => (await bench.targets()).includes(target), 10);
    await bench.monitor('up');
    ours.push((await listed) - (await startOf(bench.config.prometheus.container)));
    await bench.monitor('down');
    const peer = await startPeer(lab, bench, CONFIG(target));
    theirs.push((await momentOf(async () => (await peer.targets()).includes(target), 10)) - peer.startedAt);
    await peer.remove();
  }
  const detail = `${summary(ours, 'ms')}; without our flag ${summary(theirs, 'ms')}; Prometheus ${version}`;
  return [{ what: WHAT, value: median(ours), unit: 'ms', goal: GOAL_MS, detail }];
};

/** Unix milliseconds; the engine's clock is this machine's. */
const startOf = async (container: string): Promise<number> =>
  Date.parse((await (await dockerClient()).getContainer(container).inspect()).State.StartedAt);
