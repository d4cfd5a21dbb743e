import { prefixOf } from '../config/defaults.ts';
import { type ExporterOption, missingOptions, type OptionValues } from '../config/exporter-table.ts';
import type { ExporterConfig, MonitorConfig } from '../config/model.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { exporterContainer, exporterTarget, kindOf } from '../exporters/components.ts';
import type { ExporterValues } from '../exporters/values.ts';
import type { Datasource } from '../grafana/model.ts';
import { scrapeConfigsOf } from '../prometheus/render.ts';
import { desiredStack } from '../stack/desired.ts';
import { LABEL } from '../stack/labels.ts';
import type { DesiredContainer, Snapshot } from '../stack/model.ts';
import type { Rendered } from '../stack/plan-up.ts';
import { resolveTargets } from '../stack/resolve-targets.ts';
import { objectName, objectNames } from './names.ts';
import type { NamedFiles } from './passthrough.ts';

/** All that an export is made from. This file alone knows how the stack describes itself. */
export interface ExportInput {
  config: MonitorConfig;
  /** The stack itself and what monitor.yml names; not its exporters, and not what detection found. */
  targets: ScrapeTarget[];
  grafana: DesiredContainer;
  exporters: ExportedExporter[];
  /** Of the images of Prometheus and Grafana, where the engine has them; empty: root. */
  users: { prometheus?: string; grafana?: string };
  workloads: Workload[];
  datasource: Datasource;
  dashboards: readonly ExportedDashboard[];
  files: NamedFiles;
}

export interface ExportedExporter {
  config: ExporterConfig;
  /** What its objects in a cluster are called, its Service first. */
  service: string;
  container: DesiredContainer;
  target: ScrapeTarget;
  secrets: string[];
  /** What it has to be told and is not known here: something else stands in its place. */
  missing: ExporterOption['name'][];
}

export interface ExportedDashboard {
  uid: string;
  title: string;
  json: unknown;
}

/** A running container that serves metrics, as detection found it. */
export interface Workload {
  /** Its name on the engine. */
  container: string;
  image: string;
  ports: number[];
  endpoints: Omit<ScrapeTarget, 'address' | 'origin'>[];
}

/** An engine of which nothing is known: names stay names. */
export const UNKNOWN_ENGINE: Snapshot = {
  containers: [],
  networks: [],
  volumes: new Map(),
  images: new Map(),
  own: new Map(),
  aliases: new Map(),
  busyPorts: [],
};

interface StackParts extends Pick<ExporterValues, 'ready' | 'unready'> {
  config: MonitorConfig;
  grafanaPassword: string;
}

/** What is gathered beside the stack itself. */
type GatheredParts = Pick<ExportInput, 'datasource' | 'dashboards' | 'files'>;

/** The engine as it was looked at, with what was found there. */
export type SeenStack = Pick<Rendered, 'snapshot' | 'targets' | 'networks'>;

/** Docker's own network, on which containers have addresses only. */
const NAMELESS = 'bridge';

/** What an export writes itself, or what holds of this machine alone. */
const FIXED = { prometheusConfig: '', spared: [], quickDiscovery: false };

/** The stack as `up` makes it, on the networks of its targets. Without an engine these are not known. Pure. */
export const composeInput = (
  { config, ready, unready, grafanaPassword }: StackParts,
  seen: SeenStack | undefined,
  rest: GatheredParts,
) => {
  const observed = seen?.snapshot ?? UNKNOWN_ENGINE;
  const leftOut = new Set(unready.map((one) => exporterTarget(one.config, config.name, observed).address));
  const targets = (seen?.targets ?? resolveTargets(config, UNKNOWN_ENGINE).targets).filter(
    ({ origin, address }) => origin !== 'exporter' || !leftOut.has(address),
  );
  const stack = desiredStack({
    ...FIXED,
    config,
    grafanaPassword,
    targets,
    networks: seen?.networks ?? [],
    exporters: ready.map((one) => exporterContainer(config, one, observed)),
  });
  const networks = stack.containers.flatMap((c) => c.networks.map((n) => n.name));
  const isForeign = observed.networks.some((n) => n.name === config.network && n.labels[LABEL.stack] !== config.name);
  // As if monitor.yml named them: which container answered is known to this machine alone.
  const named = targets.map((target) => ({ ...target, origin: 'config' as const }));
  return {
    ...rest,
    config,
    stack,
    jobs: scrapeConfigsOf(named, config.scrape_interval),
    /** The networks that the project is on, its own first. */
    networkNames: [...new Set([config.network, ...networks])].filter((name) => name !== NAMELESS),
    /** The one that the stack creates; absent where it was created outside the stack. */
    ownNetwork: isForeign ? undefined : config.network,
    nameless: targets.filter((target) => target.network === NAMELESS),
    secretValues: ready.flatMap(({ values: { password } }) => password ?? []),
    /** Exporters that are left out, as `up` leaves them out. */
    unready: unready.map((one) => one.config),
  };
};

export type ComposeInput = ReturnType<typeof composeInput>;

/** What monitor.yml alone says of the stack; of the engine, only what its images are. Pure. */
export const stackInput = (
  { config, ready, unready, grafanaPassword }: StackParts,
  { images }: Pick<Snapshot, 'images'> = UNKNOWN_ENGINE,
): Omit<ExportInput, keyof GatheredParts | 'workloads'> => {
  const all = [...ready, ...unready];
  const prefix = prefixOf(config.name);
  const services = objectNames(
    all.map((one) => one.config.container),
    ['prometheus', 'grafana', 'node-exporter'].map((component) => objectName(`${prefix}${component}`)),
  );
  const exporters = all.map(({ config: exporter, values, revision }): ExportedExporter => {
    const missing = missingOptions(kindOf(exporter), values).map(({ name }) => name);
    const told = { ...values, ...Object.fromEntries(missing.map((name) => [name, STAND_INS[name]])) };
    return {
      config: exporter,
      service: services(exporter.container),
      container: exporterContainer(config, { config: exporter, values: told, revision }, UNKNOWN_ENGINE),
      target: exporterTarget(exporter, config.name, UNKNOWN_ENGINE),
      secrets: told.password === undefined ? [] : [told.password],
      missing,
    };
  });
  const desired = desiredStack({ ...FIXED, config, grafanaPassword, targets: [], networks: [], exporters: [] });
  const grafana = desired.containers.find((c) => c.role === 'grafana');
  if (grafana === undefined) throw new Error('a stack has a Grafana');
  return {
    config,
    targets: resolveTargets(config, UNKNOWN_ENGINE).targets.filter((t) => t.origin !== 'exporter'),
    grafana,
    exporters,
    users: { prometheus: images.get(config.prometheus.image)?.user, grafana: images.get(config.grafana.image)?.user },
  };
};

/** The user is the one that the documentation of most exporters grants its rights to. */
const STAND_INS: Required<OptionValues> = {
  user: 'exporter',
  password: 'PASSWORD',
  database: 'DATABASE',
  path: '/PATH',
};
