import { probe } from '../../src/detect/probe.ts';
import { connect } from '../../src/docker/connect.ts';
import { createDetectBench, inTurns, momentOf } from '../detect-lab.ts';
import type { Finding, Measure } from '../measure.ts';
import { median, summary } from '../stats.ts';

const COUNT = 100;
const GOAL_UP_MS = 5000;
const GOAL_PROBE_MS = 3000;
/** `containers/json` and `networks`. */
const GOAL_LISTS = 2;

/** A hundred real containers come to a running stack, and `up` finds them. */
export const detectHundred: Measure = async (lab) => {
  const bench = await createDetectBench(lab, 'hundred');
  await bench.monitor('up');
  const names = await bench.make(COUNT, 'c');
  await inTurns(names, bench.startContainer);
  const up: number[] = [];
  let [lists, inspects] = [0, 0];
  for (let round = 0; round < 3; round++) {
    const from = bench.window.requests.length;
    const start = performance.now();
    await bench.monitor('up');
    up.push(performance.now() - start);
    const asked = bench.window.requests.slice(from);
    lists = Math.max(lists, asked.filter((r) => /^GET \/(containers\/json|networks)$/.test(r)).length);
    inspects = Math.max(inspects, asked.filter((r) => r === 'GET /containers/*/json').length);
    const loaded = await bench.loaded();
    const missing = names.filter((name) => !loaded.includes(`${name}:9100`));
    if (missing.length > 0) throw new Error(`${missing.length} of ${COUNT} are not loaded: ${missing[0]}`);
    // The first round is the one that changes something; then half of them go, so that the next does too.
    if (round === 2) break;
    await inTurns(names.slice(0, COUNT / 2), async (name) => bench.removeContainer(name));
    await bench.monitor('up');
    names.splice(0, COUNT / 2, ...(await bench.make(COUNT / 2, `again-${round}`)));
    await inTurns(names.slice(0, COUNT / 2), bench.startContainer);
  }
  const findings: Finding[] = [
    {
      what: `\`up\` on a running stack that finds ${COUNT} containers`,
      value: median(up),
      unit: 'ms',
      goal: GOAL_UP_MS,
      detail: `${summary(up, 'ms')}; ${inspects} inspects, all of the stack's own two containers`,
    },
    { what: 'list calls of that `up`', value: lists, unit: 'x', goal: GOAL_LISTS, detail: 'containers and networks' },
    {
      what: 'inspects of that `up`',
      value: inspects,
      unit: 'x',
      goal: 5,
      detail: 'of Prometheus and Grafana alone, as many for any number of containers',
    },
  ];
  return [...findings, await probeRound(lab.rounds, bench.config.prometheus.container, names)];
};

const probeRound = async (rounds: number, container: string, names: readonly string[]): Promise<Finding> => {
  const engine = await connect({ env: process.env, homedir: process.env['HOME'] ?? '/', platform: process.platform });
  const endpoints = names.map((name) => ({
    address: `${name}:9100`,
    scheme: 'http' as const,
    metrics_path: '/metrics',
  }));
  try {
    const taken: number[] = [];
    await momentOf(async () => (await probe(engine, container, endpoints)).every((a) => a.status === 200), 100);
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      await probe(engine, container, endpoints);
      taken.push(performance.now() - start);
    }
    return {
      what: `a probe round over ${names.length} containers`,
      value: median(taken),
      unit: 'ms',
      goal: GOAL_PROBE_MS,
      detail: summary(taken, 'ms'),
    };
  } finally {
    engine.close();
  }
};
