import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { defaultsFor } from '../src/config/defaults.ts';
import type { MonitorConfig } from '../src/config/model.ts';
import { type CommandLine, monitor, runCommand } from './command.ts';
import type { Lab } from './measure.ts';

/** A stack of `monitor` in a folder and under a name of its own. */
export interface BenchStack {
  config: MonitorConfig;
  /** Of the built program, in the stack's folder. */
  command(args: readonly string[], nodeArgs?: readonly string[]): CommandLine;
  monitor(...args: string[]): Promise<string>;
}

/** Writes its monitor.yml; nothing runs yet. At the end all of it is removed, with its volumes. */
export const createStack = async (
  lab: Lab,
  purpose: string,
  adapt: (config: MonitorConfig) => MonitorConfig = (config) => config,
): Promise<BenchStack> => {
  const config = adapt(await benchConfig(lab, purpose));
  const folder = lab.folder(config.name);
  writeFileSync(join(folder, 'monitor.yml'), `${JSON.stringify({ version: 1, ...config }, null, 2)}\n`);
  const command: BenchStack['command'] = (args, nodeArgs = []) => monitor(lab.root, args, folder, nodeArgs);
  const run = (...args: string[]) => runCommand(command(args));
  lab.atEnd(() => run('down', '--volumes', '--yes'));
  return { config, command, monitor: run };
};

/**
 * The default configuration under a name, with images and ports that can be had here. Detection is off: what other
 * containers there are on this engine is no part of the comparison, and the peer does not look at them either.
 */
export const benchConfig = async (lab: Lab, purpose: string): Promise<MonitorConfig> => {
  const images = await lab.images();
  const defaults = defaultsFor(`bench-${process.pid}-${purpose}`);
  const [prometheusPort = 0, grafanaPort = 0] = await freePorts(2);
  return {
    ...defaults,
    prometheus: { ...defaults.prometheus, image: images.prometheus.image, port: prometheusPort },
    grafana: { ...defaults.grafana, image: images.grafana.image, port: grafanaPort },
    detect: { ...defaults.detect, enabled: false },
    targets: [],
    exporters: [],
    scrape_configs: [],
    dashboards: [],
  };
};

/** Ports of this machine that nothing held a moment ago. */
const freePorts = async (count: number): Promise<number[]> => {
  const servers = await Promise.all(Array.from({ length: count }, listening));
  return Promise.all(servers.map(({ server, port }) => new Promise<number>((done) => server.close(() => done(port)))));
};

const listening = (): Promise<{ server: ReturnType<typeof createServer>; port: number }> =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve({ server, port: typeof address === 'object' && address !== null ? address.port : 0 });
    });
  });
