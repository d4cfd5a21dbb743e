import { type Address, formatAddress } from '../config/address.ts';
import { DEFAULT_METRICS_PATH } from '../config/defaults.ts';
import { EXPORTERS, type Exporter, SECRET_PATH } from '../config/exporter-table.ts';
import type { ExporterConfig, MonitorConfig } from '../config/model.ts';
import { containerOf } from '../detect/place.ts';
import { HOST_ALIAS, reach } from '../detect/reach.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { container } from '../stack/desired.ts';
import { isOfStack, LABEL } from '../stack/labels.ts';
import type { DesiredContainer, Snapshot } from '../stack/model.ts';
import { exporterKey } from './edit.ts';
import type { StoredValues } from './secrets.ts';

/** An exporter with all its options and credentials. */
export interface ReadyExporter extends StoredValues {
  config: ExporterConfig;
}

interface Place {
  /** As the exporter dials it; absent for an exporter of the machine. */
  server?: Address;
  /** The network on which it is, where that is not the stack's own. */
  network?: string;
  notice?: string;
}

export const kindOf = ({ name }: Pick<ExporterConfig, 'name'>): Exporter => EXPORTERS[name];

/**
 * How an exporter gets to its server: by name on a network of both; by address on the default bridge, which has no
 * names; through the machine where the server is on its network. A server that is not there keeps its name. Pure.
 */
export const placeExporter = (exporter: ExporterConfig, observed: Snapshot, stackNetwork: string): Place => {
  const { for: host, port } = exporter;
  if (host === undefined || port === undefined) return {};
  const found = containerOf(host, observed);
  const reached = found && reach(found, observed, stackNetwork);
  if (reached?.ok) return { server: { host: reached.host.replace(/^\[|\]$/g, ''), port }, network: reached.network };
  const notice =
    reached === undefined
      ? `${exporter.container}: container ${host} was not found`
      : `${exporter.container} cannot reach container ${found?.name}: ${reached.reason}; run \`monitor up\` once it can be reached`;
  return { server: { host, port }, notice };
};

/**
 * The container of an exporter: hardened as the others, on the stack's network and on its server's, without published
 * ports. Those of the machine see what their project's documentation has them see, read-only, and nothing more. Pure.
 */
export const exporterContainer = (
  config: MonitorConfig,
  { config: exporter, values, revision }: ReadyExporter,
  observed: Snapshot,
): DesiredContainer => {
  const kind = kindOf(exporter);
  const { server, network } = placeExporter(exporter, observed, config.network);
  const { env = {}, args, secret } = kind.settings(server ?? { host: '', port: 0 }, values);
  return container(config, 'exporter', {
    name: exporter.container,
    image: exporter.image,
    env: Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    command: args,
    mounts: [],
    binds: kind.binds,
    pidMode: kind.pidMode,
    ports: [],
    extraHosts: server?.host === HOST_ALIAS ? [`${HOST_ALIAS}:host-gateway`] : [],
    networks: [
      { name: config.network, aliases: [] },
      ...(network === undefined || network === config.network ? [] : [{ name: network, aliases: [] }]),
    ],
    files: secret === undefined ? [] : [{ path: SECRET_PATH, content: secret, secret: true }],
    labels: {
      [LABEL.exporter]: exporterKey(exporter),
      ...(server !== undefined && { [LABEL.server]: formatAddress(server) }),
      // A file's content is not part of the hash, and a running exporter has read it long ago.
      ...(secret !== undefined && { [LABEL.secret]: revision }),
    },
  });
};

/**
 * What Prometheus scrapes for it. `instance` is the server, `db:5432`, not the exporter that stands in for it: it is
 * what the series are about. An exporter of the machine is its own instance.
 */
export const exporterTarget = (
  exporter: ExporterConfig,
  stack: string,
  { containers }: Pick<Snapshot, 'containers'>,
): ScrapeTarget => {
  const address = `${exporter.container}:${kindOf(exporter).port}`;
  const own = containers.find((c) => isOfStack(c, stack) && c.labels[LABEL.exporter] === exporterKey(exporter));
  return {
    job: exporter.job_name,
    address,
    instance: exporter.for === undefined ? address : `${exporter.for}:${exporter.port}`,
    metrics_path: DEFAULT_METRICS_PATH,
    scheme: 'http',
    labels: {},
    containerId: own?.id,
    origin: 'exporter',
  };
};
