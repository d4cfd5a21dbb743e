import { createInterface } from 'node:readline/promises';
import { ensureEngine } from './engine.ts';
import { ensureImages } from './images.ts';

/** Brings up an engine and the images, and prints on stdout what to put before a command to use them. */
async function main(): Promise<void> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const engine = await ensureEngine(say, process.stdin.isTTY ? confirm : undefined);
  if (engine.dockerHost) process.env.DOCKER_HOST = engine.dockerHost;
  const images = await ensureImages({ say });
  const lines = [
    ...(engine.dockerHost ? [`DOCKER_HOST=${engine.dockerHost}`] : []),
    `PROMETHEUS_IMAGE=${images.prometheus.image}`,
    `GRAFANA_IMAGE=${images.grafana.image}`,
    `NODE_IMAGE=${images.node}`,
    `BUSYBOX_IMAGE=${images.busybox}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** Anything but a no is a yes. */
async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} [Y/n] `);
  terminal.close();
  return !/^\s*n/i.test(answer);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
