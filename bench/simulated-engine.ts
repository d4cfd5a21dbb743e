import { createHash } from 'node:crypto';
import { resolve } from '../src/config/resolve.ts';
import { assemble } from '../src/detect/assemble.ts';
import { recognize } from '../src/detect/recognize.ts';
import { beforeAsking, survey } from '../src/detect/survey.ts';
import type { Container, Engine, Network } from '../src/docker/engine.ts';
import { renderPrometheusConfig } from '../src/prometheus/render.ts';
import { isOfAnyStack } from '../src/stack/labels.ts';
import { fakeEngine } from '../test/support/fake-engine.ts';

/**
 * Prints the milliseconds of CPU that it takes to find and render the targets among so many containers, each of which
 * answers: in a fresh process, and in one that has done it before, as a watch has. What the simulated engine does itself is
 * left out. Arguments: how many containers, how many metrics each.
 */
const count = Number(process.argv[2]);

const METRICS = Array.from(
  { length: Number(process.argv[3] ?? 1) },
  (_, i) =>
    `# HELP app_metric_${i} What it counts.\n# TYPE app_metric_${i} counter\napp_metric_${i}{path="/a",code="200"} ${i}\n`,
).join('');
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n\r\n${METRICS}`;

const container = (i: number): Container => ({
  id: createHash('sha256').update(`${i}`).digest('hex'),
  name: `app-${i}`,
  image: i % 10 === 0 ? 'prom/node-exporter:v1' : 'example/app:1',
  imageId: 'sha256:0',
  state: 'running',
  status: 'Up 2 seconds',
  labels: {
    'com.docker.compose.project': `project-${i % 20}`,
    'com.docker.compose.service': `service-${i % 50}`,
    'org.opencontainers.image.title': 'app',
    ...(i % 5 === 0 ? { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9100' } : {}),
  },
  created: 0,
  networkMode: 'app',
  networks: [{ name: 'app', networkId: 'n', ipAddress: '172.18.0.2', ipv6Address: '' }],
  ports: [{ privatePort: 9100, publicPort: undefined, hostIp: undefined, type: 'tcp' }],
  mounts: [],
});

const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

let simulated = 0;
const engine: Engine = fakeEngine({
  exec: async (_, command) => {
    const start = spent();
    const [mark = '', , , ...args] = command.slice(4);
    const answer = `\n${mark} code 0\n\n${mark} out\n${ANSWER}`;
    const stdout = Buffer.from(`${answer.repeat(args.length / 3)}\n${mark} end`).toString('latin1');
    simulated += spent() - start;
    return { exitCode: 0, stdout, stderr: '' };
  },
});

const config = resolve('version: 1', 'monitor.yml');
const networks: Network[] = [{ id: 'n', name: 'app', labels: {}, isInternal: false }];
const containers = Array.from({ length: count }, (_, i) => container(i));

/** Milliseconds of CPU of one detection and rendering. */
const once = async (): Promise<number> => {
  const [start, before] = [spent(), simulated];
  const recognized = recognize(containers, isOfAnyStack);
  const vantage = { container: 'probe', networks: new Set(['monitoring', 'app']), refused: new Map<string, string>() };
  const asked = beforeAsking(recognized.candidates, { containers, networks }, 'monitoring');
  const surveyed = await survey(engine, vantage, asked);
  const { targets } = assemble({
    recognized,
    surveyed,
    configured: [],
    takenJobs: [],
    scraped: new Set(),
  });
  const text = renderPrometheusConfig(config, targets);
  if (targets.length !== count || !text.includes(`app-${count - 1}:9100`)) throw new Error('not all were found');
  return spent() - start - (simulated - before);
};

const cold = await once();
for (let i = 0; i < 5; i++) await once();
process.stdout.write(JSON.stringify({ cold, warm: await once() }));
