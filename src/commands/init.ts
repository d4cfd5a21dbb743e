import { access, readFile } from 'node:fs/promises';
import { join, relative, resolve as resolvePath } from 'node:path';
import { CONFIG_FILE } from '../config/load.ts';
import type { MonitorConfig } from '../config/model.ts';
import { resolve } from '../config/resolve.ts';
import { starterText } from '../config/starter.ts';
import { ensureStateFolder, grafanaPassword, stateFolderOf } from '../config/state-folder.ts';
import { writeFileAtomically } from '../config/write.ts';
import { askFromHost } from '../detect/ask-from-host.ts';
import { assemble, type DetectedRow } from '../detect/assemble.ts';
import { recognize } from '../detect/recognize.ts';
import { reachAll } from '../detect/survey.ts';
import type { Container, Endpoint, Engine, Network, Volume } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import type { InitReport } from '../output/report.ts';
import { isOfAnyStack, isOfStack, LABEL, type Role } from '../stack/labels.ts';
import { nextFreePort } from '../stack/ports.ts';
import type { Deps } from './deps.ts';
import { readSchema } from './session.ts';

export interface InitOptions {
  name?: string;
  prometheusPort?: number;
  grafanaPort?: number;
  prometheusImage?: string;
  grafanaImage?: string;
  force: boolean;
}

/** What of the engine decides what a new monitor.yml says; absent where no engine answers. */
interface Seen {
  endpoint: Endpoint;
  containers: Container[];
  networks: Network[];
  volumes: Volume[];
}

/** Writes monitor.yml with every default spelled out, and .monitor/ with a password for Grafana. */
export const runInit = async (deps: Deps, { force, ...wanted }: InitOptions): Promise<InitReport> => {
  const path = resolvePath(deps.cwd, deps.configPath ?? CONFIG_FILE);
  if (!force) await refuseExisting(path);
  const templateText = await readFile(join(deps.packageRoot, 'templates', 'monitor.yml'), 'utf8');
  const defaults = resolve(starterText({ templateText, ...wanted }), path);
  const look = await lookAt(deps, defaults);
  const ports = await freePorts(defaults, look.seen);
  const text = starterText({ templateText, ...wanted, prometheusPort: ports.prometheus, grafanaPort: ports.grafana });
  await writeFileAtomically(path, text);
  const folder = stateFolderOf(path);
  await ensureStateFolder(folder, await readSchema(deps));
  await grafanaPassword(folder, {});
  return {
    kind: 'init',
    stack: defaults.name,
    config: path,
    files: [path, folder.passwordPath].map((file) => relative(deps.cwd, file) || file),
    ports,
    notices: [
      ...busyNotice('prometheus', defaults.prometheus.port, ports.prometheus),
      ...busyNotice('grafana', defaults.grafana.port, ports.grafana),
      ...look.notices,
      ...(look.seen === undefined ? [] : nameNotices(defaults, look.seen)),
    ],
    found: look.seen === undefined ? [] : await findEndpoints(defaults, look.seen),
  };
};

const refuseExisting = async (path: string): Promise<void> => {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  throw new MonitorError({
    code: 'config-exists',
    message: `${path} exists already, and is left as it is`,
    suggestion: 'edit it, or write a new one over it with --force',
    exitCode: 2,
  });
};

const lookAt = async (deps: Deps, config: MonitorConfig): Promise<{ seen?: Seen; notices: string[] }> => {
  let engine: Engine;
  try {
    engine = await deps.connect();
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    return {
      notices: [
        `${error.message}; the names and ports of other containers were not looked at, only the ports of this machine`,
      ],
    };
  }
  try {
    const [containers, networks, prometheus, grafana] = await Promise.all([
      engine.listContainers(),
      engine.listNetworks(),
      engine.inspectVolume(config.prometheus.volume),
      engine.inspectVolume(config.grafana.volume),
    ]);
    const volumes = [prometheus, grafana].flatMap((v) => v ?? []);
    return { seen: { endpoint: engine.endpoint, containers, networks, volumes }, notices: [] };
  } finally {
    engine.close();
  }
};

/** What `up` will ask for metrics, with what this machine hears of it already. */
const findEndpoints = (config: MonitorConfig, { endpoint, containers, networks }: Seen): Promise<DetectedRow[]> => {
  const recognized = recognize(containers, isOfAnyStack);
  const surveyed = reachAll(recognized.candidates, { containers, networks }, config.network);
  const none = { configured: [], takenJobs: [], scraped: new Set<string>(), knowsFallback: true };
  const { rows } = assemble({ recognized, surveyed, ...none });
  return askFromHost(
    endpoint,
    recognized.candidates,
    rows.filter((row) => row.verdict === 'to-be-asked'),
  );
};

/** A port that the same container of this stack holds already is as good as a free one. */
const freePorts = async (config: MonitorConfig, seen: Seen | undefined): Promise<InitReport['ports']> => {
  const own = seen?.containers.filter((c) => isOfStack(c, config.name)) ?? [];
  const others = seen?.containers.filter((c) => !isOfStack(c, config.name)) ?? [];
  const taken = new Set(publishedPorts(others));
  const heldBy = (role: Role) => new Set(publishedPorts(own.filter((c) => c.labels[LABEL.role] === role)));
  const prometheus = await nextFreePort(config.bind, config.prometheus.port, taken, heldBy('prometheus'));
  taken.add(prometheus);
  const grafana = await nextFreePort(config.bind, config.grafana.port, taken, heldBy('grafana'));
  return { prometheus, grafana };
};

const publishedPorts = (containers: readonly Container[]): number[] =>
  containers.flatMap((c) => c.ports.flatMap((p) => p.publicPort ?? []));

const busyNotice = (service: string, wanted: number, used: number): string[] =>
  wanted === used ? [] : [`port ${wanted} is in use, so ${service}.port is ${used}`];

const nameNotices = (config: MonitorConfig, { containers, networks, volumes }: Seen): string[] => {
  const isForeign = (thing: { labels: Record<string, string> }): boolean => !isOfStack(thing, config.name);
  const { prometheus, grafana, network, name } = config;
  const taken = containers.filter(
    (c) => isForeign(c) && (c.name === prometheus.container || c.name === grafana.container),
  );
  return [
    ...taken.map(
      (c) =>
        `a container "${c.name}" exists that is not of this stack: name ours otherwise in monitor.yml, or remove it, before \`monitor up\``,
    ),
    ...networks
      .filter((n) => n.name === network && isForeign(n))
      .map((n) => `network ${n.name} exists and will be used, and never removed`),
    ...volumes
      .filter(isForeign)
      .map((v) => `volume ${v.name} exists and will be used with what is in it, and never removed`),
    ...(containers.some((c) => !isForeign(c))
      ? [
          `a stack "${name}" exists on this engine already: \`monitor up\` here takes it over; --name gives this one a name of its own`,
        ]
      : []),
  ];
};
