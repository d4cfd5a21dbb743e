import type { OptionValues } from '../../src/config/exporter-table.ts';
import type { MonitorConfig } from '../../src/config/model.ts';
import { resolve } from '../../src/config/resolve.ts';
import type { Container, ContainerDetail, FileStat, Image, Network, Volume } from '../../src/docker/engine.ts';
import { exporterContainer } from '../../src/exporters/components.ts';
import type { ObservedGrafana } from '../../src/grafana/model.ts';
import { configTime, renderPrometheusConfig } from '../../src/prometheus/render.ts';
import { desiredStack } from '../../src/stack/desired.ts';
import { stackLabels } from '../../src/stack/labels.ts';
import type { DesiredContainer, DesiredStack, Snapshot } from '../../src/stack/model.ts';
import { describe, type Plan } from '../../src/stack/operations.ts';
import { resolveTargets } from '../../src/stack/resolve-targets.ts';
import { container } from './containers.ts';

/** A configuration from the lines of a monitor.yml, the version left out. */
export const config = (...lines: string[]): MonitorConfig =>
  resolve(['version: 1', ...lines].join('\n'), 'monitor.yml');

export const network = (name: string, changes: Partial<Network> = {}): Network => ({
  id: `id-of-${name}`,
  name,
  labels: {},
  isInternal: false,
  ...changes,
});

export const volume = (name: string, changes: Partial<Volume> = {}): Volume => ({ name, labels: {}, ...changes });

export const image = (reference: string, changes: Partial<Image> = {}): Image => ({
  id: `sha256:of-${reference}`,
  user: '',
  ...changes,
});

/** How a container is attached, as the engine lists it. */
export const attached = (name: string, changes: Partial<Container['networks'][number]> = {}) => ({
  name,
  networkId: `id-of-${name}`,
  ipAddress: '172.18.0.2',
  ipv6Address: '',
  ...changes,
});

/** An engine on which nothing of ours is. */
export const observed = (changes: Partial<Snapshot> = {}): Snapshot => ({
  containers: [],
  networks: [network('bridge')],
  volumes: new Map(),
  images: new Map(),
  own: new Map(),
  aliases: new Map(),
  busyPorts: [],
  ...changes,
});

/** What `up` would want for a configuration on an engine. */
export const desiredFor = (
  wanted: MonitorConfig,
  engine: Snapshot = observed(),
  grafanaPassword = 'secret',
  secrets: OptionValues = {},
): DesiredStack => {
  const { targets, networks } = resolveTargets(wanted, engine);
  const prometheusConfig = renderPrometheusConfig(wanted, targets);
  const exporters = wanted.exporters.map((e) =>
    exporterContainer(wanted, { config: e, values: { ...e, ...secrets }, revision: 'r1' }, engine),
  );
  const rest = { networks, prometheusConfig, grafanaPassword, quickDiscovery: true, spared: [] };
  return desiredStack({ config: wanted, targets, exporters, ...rest });
};

/** What a test changes of a stack that stands: by role, the container's row and its inspect. */
export type Changes = Partial<Record<string, { row?: Partial<Container>; detail?: Partial<ContainerDetail> }>>;

/** The engine as it is when `desired` stands, with `others` beside it. */
export const standing = (desired: DesiredStack, changes: Changes = {}, others: Partial<Snapshot> = {}): Snapshot => {
  const built = desired.containers.map((c) => standingContainer(c, changes[c.role]));
  const names = new Set(desired.containers.flatMap((c) => c.networks.map((n) => n.name)));
  const labels = stackLabels(desired.name);
  const volumes = desired.containers.flatMap((c) => c.spec.mounts.map((m) => volume(m.volume, { labels })));
  const own = built.filter(({ row }) => row.labels['monitor.stack'] === desired.name);
  return {
    ...observed({
      networks: [network('bridge'), ...[...names].map((n) => network(n, n === desired.network.name ? { labels } : {}))],
      volumes: new Map(volumes.map((v) => [v.name, v])),
      images: new Map(desired.containers.map((c) => [c.spec.image, image(c.spec.image)])),
      own: new Map(own.map(({ row, detail }) => [row.id, detail])),
      prometheus: { file: statOfConfig(configOf(desired)), loaded: configOf(desired), targets: [] },
      grafana: { version: '13.2.3', resources: grafanaWith(desired) },
    }),
    ...others,
    containers: [...built.map(({ row }) => row), ...(others.containers ?? [])],
  };
};

/** The prometheus.yml of a stack. */
export const configOf = ({ containers }: DesiredStack): string =>
  containers.find((c) => c.role === 'prometheus')?.files[0]?.content ?? '';

/** A Grafana that has what is desired. */
const grafanaWith = ({ grafana }: DesiredStack): ObservedGrafana => ({
  ours: { ...grafana.datasource, id: 1, readOnly: false, fields: {} },
  others: [],
});

const standingContainer = (
  { spec, networks }: DesiredContainer,
  { row: rowChanges, detail: detailChanges }: NonNullable<Changes[string]> = {},
): { row: Container; detail: ContainerDetail } => {
  const row = container(spec.name, {
    image: spec.image,
    imageId: image(spec.image).id,
    labels: spec.labels,
    networkMode: networks[0]?.name ?? '',
    networks: networks.map((n) => attached(n.name)),
    mounts: spec.mounts.map((m) => ({ type: 'volume', name: m.volume, destination: m.target })),
    ports: spec.ports.map((p) => ({ privatePort: p.container, publicPort: p.host, hostIp: p.bind, type: 'tcp' })),
    ...rowChanges,
  });
  const detail: ContainerDetail = {
    id: row.id,
    name: row.name,
    image: spec.image,
    state: row.state,
    exitCode: 0,
    error: '',
    oomKilled: false,
    restartCount: 0,
    startedAt: '',
    finishedAt: '',
    exposedPorts: [],
    env: spec.env,
    user: '',
    networkMode: row.networkMode,
    networks: networks.map((n) => ({ ...attached(n.name), aliases: [...n.aliases] })),
    halfConnected: [],
    ...detailChanges,
  };
  return { row, detail };
};

/** A plan as text, to be compared as a whole: `part: operation (cause)`, then its notices. */
export const planText = ({ operations, notices }: Plan): string[] => [
  ...operations.map((o) => `${o.part}: ${describe(o)} (${o.cause})`),
  ...notices.map((notice) => `! ${notice}`),
];

/** As the engine tells of a prometheus.yml that was put. */
export const statOfConfig = (text: string): FileStat => ({ size: Buffer.byteLength(text), modified: configTime(text) });
