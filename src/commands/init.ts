import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, relative, resolve as resolvePath } from 'node:path';
import type { Define } from '../cli/command.ts';
import { checkedBy, port } from '../cli/parameters.ts';
import { starterText } from '../config/edit.ts';
import { fillDefaults } from '../config/fill.ts';
import { CONFIG_FILE } from '../config/load.ts';
import type { MonitorConfig } from '../config/model.ts';
import { forServers, SERVER_TITLES, SERVERS, type Server } from '../config/servers.ts';
import { ensureStateFolder, keepPassword, stateFolderOf } from '../config/state-folder.ts';
import { imageRule, stackNameRule } from '../config/values.ts';
import { writeFileAtomically } from '../config/write.ts';
import { askFromHost } from '../detect/ask-from-host.ts';
import { assemble, type DetectedRow } from '../detect/assemble.ts';
import { recognize } from '../detect/recognize.ts';
import { beforeAsking } from '../detect/survey.ts';
import type { Container, Endpoint, Network, Volume } from '../docker/engine.ts';
import { MonitorError, mistake } from '../errors.ts';
import type { ReportOf } from '../output/report.ts';
import { isOfAnyStack, isOfStack, LABEL, type Role } from '../stack/labels.ts';
import { nextFreePort } from '../stack/ports.ts';
import { type Deps, readSchema } from '../stack/session.ts';

export interface InitOptions {
  name?: string;
  prometheusPort?: number;
  grafanaPort?: number;
  prometheusImage?: string;
  grafanaImage?: string;
  force: boolean;
}

export const command: Define = (init, invoke) =>
  init
    .option(
      '--name <name>',
      'name of the stack; if it is not the default, the names of its containers begin with it',
      checkedBy(stackNameRule),
    )
    .option('--prometheus-port <port>', 'port of Prometheus on this machine', port)
    .option('--grafana-port <port>', 'port of Grafana on this machine', port)
    .option('--prometheus-image <image>', 'image of Prometheus', checkedBy(imageRule))
    .option('--grafana-image <image>', 'image of Grafana', checkedBy(imageRule))
    .option('--force', 'overwrite an existing monitor.yml', false)
    .action(invoke(runInit));

/** The state of the engine that a new monitor.yml depends on. */
interface Seen {
  endpoint: Endpoint;
  containers: Container[];
  networks: Network[];
  volumes: Volume[];
  /** What could not be seen. */
  notices: string[];
}

/** Writes monitor.yml with every default spelled out, and .monitor/ with a password for Grafana. */
export const runInit = async (deps: Deps, { force, name, ...options }: InitOptions): Promise<ReportOf<'init'>> => {
  const given = { prometheus: options.prometheusPort, grafana: options.grafanaPort };
  if (given.prometheus !== undefined && given.prometheus === given.grafana) throw samePort(given.prometheus);
  const path = resolvePath(deps.cwd, deps.configPath ?? CONFIG_FILE);
  if (!force && existsSync(path)) throw alreadyExists(path);
  const template = await readFile(join(deps.packageRoot, 'templates', 'monitor.yml'), 'utf8');
  const wanted = fillDefaults({
    name,
    prometheus: { port: given.prometheus, image: options.prometheusImage },
    grafana: { port: given.grafana, image: options.grafanaImage },
  });
  const seen = await lookAt(deps, wanted);
  // A port that is given is chosen first.
  const order = SERVERS.toSorted((a, b) => Number(given[a] === undefined) - Number(given[b] === undefined));
  const ports = await freePorts(wanted, order, seen);
  const text = starterText(template, {
    ...wanted,
    prometheus: { ...wanted.prometheus, port: ports.prometheus },
    grafana: { ...wanted.grafana, port: ports.grafana },
  });
  const folder = stateFolderOf(path);
  // monitor.yml last: its presence means that init is complete.
  await ensureStateFolder(folder, await readSchema(deps));
  const kept = await keepPassword(folder);
  await writeFileAtomically(path, text);
  const shown = (file: string): string => relative(deps.cwd, file) || file;
  return {
    kind: 'init',
    stack: wanted.name,
    config: path,
    files: (kept ? [path] : [path, folder.passwordPath]).map(shown),
    kept: kept ? [shown(folder.passwordPath)] : [],
    ports,
    notices: [...movedNotices(wanted, ports), ...seen.notices, ...nameNotices(wanted, seen, kept)],
    found: await findEndpoints(wanted, seen),
  };
};

const samePort = (port: number): MonitorError =>
  mistake({
    code: 'invalid-option',
    message: `Port ${port} is given to both servers`,
    suggestion: 'give another --grafana-port',
  });

const alreadyExists = (path: string): MonitorError =>
  mistake({
    code: 'config-exists',
    message: `${path} already exists`,
    suggestion: 'edit it, or overwrite it with --force',
  });

/** Nothing, with a notice, where no engine answers. */
const lookAt = async (deps: Deps, config: MonitorConfig): Promise<Seen> => {
  const engine = await deps.connect().catch((error: unknown) => {
    if (error instanceof MonitorError) return error;
    throw error;
  });
  if (engine instanceof MonitorError) {
    const notice = `${engine.message}; only the ports of this machine were checked, not the names and ports of other containers`;
    const endpoint = { host: '', source: '', local: true };
    return { endpoint, containers: [], networks: [], volumes: [], notices: [notice] };
  }
  try {
    const [containers, networks, found] = await Promise.all([
      engine.listContainers(),
      engine.listNetworks(),
      Promise.all(SERVERS.map((server) => engine.inspectVolume(config[server].volume))),
    ]);
    return { endpoint: engine.endpoint, containers, networks, volumes: found.flatMap((v) => v ?? []), notices: [] };
  } finally {
    engine.close();
  }
};

/** The endpoints that `up` will ask for metrics; those that this machine reaches are asked now. */
const findEndpoints = (config: MonitorConfig, { endpoint, containers, networks }: Seen): Promise<DetectedRow[]> => {
  const recognized = recognize(containers, isOfAnyStack);
  const surveyed = beforeAsking(recognized.candidates, { containers, networks }, config.network);
  const none = { configured: [], takenJobs: [], scraped: new Set<string>() };
  const { rows } = assemble({ recognized, surveyed, ...none });
  return askFromHost(
    endpoint,
    recognized.candidates,
    rows.filter((row) => row.verdict === 'to-be-asked'),
  );
};

/** The next free ports; one that the same container of this stack holds already counts as free. */
const freePorts = async (
  config: MonitorConfig,
  order: readonly Server[],
  { containers }: Seen,
): Promise<Record<Server, number>> => {
  const taken = new Set(publishedPorts(containers.filter((c) => !isOfStack(c, config.name))));
  const heldBy = (role: Role) =>
    new Set(publishedPorts(containers.filter((c) => isOfStack(c, config.name) && c.labels[LABEL.role] === role)));
  const free = forServers((server) => config[server].port);
  for (const server of order) {
    free[server] = await nextFreePort(config.bind, free[server], taken, heldBy(server));
    taken.add(free[server]);
  }
  return free;
};

const publishedPorts = (containers: readonly Container[]): number[] =>
  containers.flatMap((c) => c.ports.flatMap((p) => p.publicPort ?? []));

const movedNotices = (wanted: MonitorConfig, used: Record<Server, number>): string[] =>
  SERVERS.filter((server) => wanted[server].port !== used[server]).map((server) => {
    const { port } = wanted[server];
    const holder = SERVERS.find((other) => used[other] === port);
    const why = holder === undefined ? 'is in use' : `is given to ${SERVER_TITLES[holder]}`;
    return `port ${port} ${why}, so ${server}.port is ${used[server]}`;
  });

/** `kept`: the password is one that was there before, perhaps of the very volume that is found. */
const nameNotices = (config: MonitorConfig, { containers, networks, volumes }: Seen, kept: boolean): string[] => {
  const isForeign = (thing: { labels: Record<string, string> }): boolean => !isOfStack(thing, config.name);
  const { network, name } = config;
  const names = SERVERS.map((server) => config[server].container);
  const notices: string[] = [];
  for (const c of containers.filter((one) => isForeign(one) && names.includes(one.name)))
    notices.push(
      `container name ${c.name} is already in use outside this stack: set another name in monitor.yml, or remove that container, before \`monitor up\``,
    );
  if (networks.some((n) => n.name === network && isForeign(n)))
    notices.push(`network ${network} already exists: it is used, and never removed`);
  for (const v of volumes.filter(isForeign))
    notices.push(`volume ${v.name} already exists: it is used with the data in it, and never removed`);
  if (!containers.every(isForeign))
    notices.push(
      `the stack "${name}" already exists on this engine: \`monitor up\` here changes it; for a separate stack, use --name NAME`,
    );
  else if (!kept && !volumes.every(isForeign))
    notices.push(
      `the volumes of an earlier stack "${name}" are on this engine: \`monitor up\` here uses their data, and Grafana its old password until \`monitor password --reset\`; for a separate stack, use --name NAME`,
    );
  return notices;
};
