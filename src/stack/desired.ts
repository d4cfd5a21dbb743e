import type { MonitorConfig } from '../config/model.ts';
import { GRAFANA_ALIAS, PROMETHEUS_ALIAS } from '../detect/reach.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { CreateContainer } from '../docker/engine.ts';
import { prometheusDatasource } from '../grafana/model.ts';
import { configTime } from '../prometheus/render.ts';
import { hashOf } from './hash.ts';
import { LABEL, type Role, stackLabels } from './labels.ts';
import type { DesiredContainer, DesiredStack } from './model.ts';

/** Where the official images have their things: fact of their Dockerfiles. */
export const PROMETHEUS_CONFIG_PATH = '/etc/prometheus/prometheus.yml';
const GRAFANA_PASSWORD_PATH = '/run/secrets/grafana_admin_password';
export const PROMETHEUS_PORT = 9090;
export const GRAFANA_PORT = 3000;

/** Grafana's name that no other container has, for who is on more networks than the stack's. */
export const ownGrafanaAlias = (stack: string): string => `${stack}-${GRAFANA_ALIAS}`;

/** What every container of the stack is held to: no privilege, a bounded log, back after a reboot. */
export const HARDENED = {
  restart: 'unless-stopped',
  capDrop: ['ALL'],
  securityOpt: ['no-new-privileges'],
  logOptions: { 'max-size': '10m', 'max-file': '3' },
} as const satisfies Partial<CreateContainer>;

/** No phone-home, no update checks, no plugin downloads at start: a developer's Grafana works offline. */
const GRAFANA_QUIET = {
  GF_ANALYTICS_REPORTING_ENABLED: 'false',
  GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
  GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: 'false',
  GF_NEWS_NEWS_FEED_ENABLED: 'false',
  GF_PLUGINS_PREINSTALL_DISABLED: 'true',
  GF_PLUGINS_PREINSTALL_AUTO_UPDATE: 'false',
};

export interface DesiredInput {
  config: MonitorConfig;
  targets: readonly ScrapeTarget[];
  /** Networks that Prometheus has to be on for what the targets do not tell. */
  networks: readonly string[];
  /** prometheus.yml, rendered. */
  prometheusConfig: string;
  grafanaPassword: string;
  exporters: readonly DesiredContainer[];
  /** Exporters that cannot be made now, by their label. */
  spared: readonly string[];
  /** `false`: without the flag that makes targets appear soon after a start, for a Prometheus that refuses it. */
  quickDiscovery: boolean;
}

/**
 * The first targets appear 0.6 to 1.0 s after a start instead of 5.3 to 5.8 s (measured on 3.13.2). Hidden, there since
 * 2.36; before 3.12 it changes nothing.
 */
const QUICK_DISCOVERY_FLAG = '--scrape.discovery-reload-interval=100ms';

/** What the engine should look like for this configuration. Pure. */
export const desiredStack = (input: DesiredInput): DesiredStack => ({
  name: input.config.name,
  network: { name: input.config.network, labels: stackLabels(input.config.name) },
  containers: [prometheusContainer(input), grafanaContainer(input), ...input.exporters],
  spared: input.spared,
  prometheusConfig: input.prometheusConfig,
  grafana: { datasource: prometheusDatasource(input.config.scrape_interval) },
});

/** The networks on which Prometheus has to be, its own first, the others by name. */
const prometheusNetworks = ({ config, targets, networks }: DesiredInput): DesiredContainer['networks'] => {
  const needed = new Set([...networks, ...targets.flatMap((t) => (t.network === undefined ? [] : [t.network]))]);
  needed.delete(config.network);
  return [
    { name: config.network, aliases: [PROMETHEUS_ALIAS] },
    ...[...needed].sort().map((name) => ({ name, aliases: [] })),
  ];
};

const prometheusContainer = (input: DesiredInput): DesiredContainer => {
  const { config } = input;
  const { retention } = config.prometheus;
  return container(config, 'prometheus', {
    name: config.prometheus.container,
    image: config.prometheus.image,
    command: [
      `--config.file=${PROMETHEUS_CONFIG_PATH}`,
      '--storage.tsdb.path=/prometheus',
      `--storage.tsdb.retention.time=${retention.time}`,
      ...(retention.size === undefined ? [] : [`--storage.tsdb.retention.size=${retention.size}`]),
      ...(input.quickDiscovery ? [QUICK_DISCOVERY_FLAG] : []),
    ],
    // Tells a container whose Prometheus refused the flag from one that was never given it.
    ...(input.quickDiscovery ? {} : { labels: { [LABEL.discovery]: 'default' } }),
    env: {},
    mounts: [{ volume: config.prometheus.volume, target: '/prometheus' }],
    ports: [{ container: PROMETHEUS_PORT, host: config.prometheus.port, bind: config.bind }],
    extraHosts: ['host.docker.internal:host-gateway'],
    networks: prometheusNetworks(input),
    files: [
      {
        path: PROMETHEUS_CONFIG_PATH,
        content: input.prometheusConfig,
        secret: false,
        modified: configTime(input.prometheusConfig),
      },
    ],
  });
};

const grafanaContainer = (input: DesiredInput): DesiredContainer => {
  const { config } = input;
  return container(config, 'grafana', {
    name: config.grafana.container,
    image: config.grafana.image,
    env: {
      GF_SECURITY_ADMIN_USER: config.grafana.admin_user,
      GF_SECURITY_ADMIN_PASSWORD__FILE: GRAFANA_PASSWORD_PATH,
      ...GRAFANA_QUIET,
    },
    mounts: [{ volume: config.grafana.volume, target: '/var/lib/grafana' }],
    ports: [{ container: GRAFANA_PORT, host: config.grafana.port, bind: config.bind }],
    extraHosts: [],
    networks: [{ name: config.network, aliases: [GRAFANA_ALIAS, ownGrafanaAlias(config.name)] }],
    files: [{ path: GRAFANA_PASSWORD_PATH, content: input.grafanaPassword, secret: true }],
  });
};

type ContainerParts = Pick<CreateContainer, 'name' | 'image' | 'env' | 'mounts' | 'ports' | 'extraHosts'> &
  Partial<Pick<CreateContainer, 'command' | 'user' | 'binds' | 'pidMode'>> &
  Pick<DesiredContainer, 'networks' | 'files'> & { labels?: Record<string, string> };

/**
 * A container of the stack: hardened and labelled. Its hash covers all that cannot be changed while it runs, and the
 * stack's network: a server that is moved from it has connections of its own that break without a word.
 */
export const container = (
  config: MonitorConfig,
  role: Role,
  { networks, files, labels, ...parts }: ContainerParts,
): DesiredContainer => {
  const own = { ...stackLabels(config.name), [LABEL.role]: role, ...labels };
  const unhashed = { ...parts, ...HARDENED, labels: own };
  const network = networks[0] ?? { name: config.network, aliases: [] };
  return {
    role,
    spec: {
      ...unhashed,
      labels: { ...own, [LABEL.configHash]: hashOf({ ...unhashed, network: network.name }) },
      network,
    },
    volumeLabels: stackLabels(config.name),
    networks,
    files,
  };
};
