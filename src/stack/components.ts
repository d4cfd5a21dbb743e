import type { MonitorConfig } from '../config/model.ts';
import type { Server } from '../config/servers.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { CreateContainer } from '../docker/engine.ts';
import { configTime } from '../prometheus/render.ts';
import { LABEL } from './labels.ts';
import type { DesiredContainer } from './model.ts';

/** What a server is told, beside what all containers of a stack have in common. */
export type ContainerParts = Pick<CreateContainer, 'name' | 'image' | 'env' | 'mounts' | 'ports' | 'extraHosts'> &
  Partial<Pick<CreateContainer, 'command' | 'user' | 'binds' | 'pidMode'>> &
  Pick<DesiredContainer, 'networks' | 'files'> & { labels?: Record<string, string> };

export interface ComponentInput {
  config: MonitorConfig;
  targets: readonly ScrapeTarget[];
  /** Networks that Prometheus has to be on for what the targets do not tell. */
  networks: readonly string[];
  /** prometheus.yml, rendered. */
  prometheusConfig: string;
  grafanaPassword: string;
  /** `false`: without the flag that makes targets appear soon after a start, for a Prometheus that refuses it. */
  quickDiscovery: boolean;
}

/** A server of the stack, described once; paths and ports are facts of the official images' Dockerfiles. */
interface Component {
  /** Inside the container. */
  port: number;
  /** Where its volume is mounted. */
  data: string;
  /** Its container, without what the table has already. */
  container: (input: ComponentInput) => Omit<ContainerParts, 'name' | 'image' | 'mounts' | 'ports'>;
}

export const PROMETHEUS_CONFIG_PATH = '/etc/prometheus/prometheus.yml';
const GRAFANA_PASSWORD_PATH = '/run/secrets/grafana_admin_password';

/**
 * The first targets appear 0.6 to 1.0 s after a start instead of 5.3 to 5.8 s (measured on 3.13.2). Hidden, there since
 * 2.36; before 3.12 it changes nothing.
 */
const QUICK_DISCOVERY_FLAG = '--scrape.discovery-reload-interval=100ms';

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

/** Grafana's name that no other container has, for who is on more networks than the stack's. */
export const ownGrafanaAlias = (stack: string): string => `${stack}-grafana`;

export const COMPONENTS: Record<Server, Component> = {
  prometheus: {
    port: 9090,
    data: '/prometheus',
    container: (input) => {
      const { retention } = input.config.prometheus;
      return {
        command: [
          `--config.file=${PROMETHEUS_CONFIG_PATH}`,
          '--storage.tsdb.path=/prometheus',
          `--storage.tsdb.retention.time=${retention.time}`,
          ...(retention.size === undefined ? [] : [`--storage.tsdb.retention.size=${retention.size}`]),
          ...(input.quickDiscovery ? [QUICK_DISCOVERY_FLAG] : []),
        ],
        // Tells a container whose Prometheus refused the flag from one that was never given it.
        labels: input.quickDiscovery ? undefined : { [LABEL.discovery]: 'default' },
        env: {},
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
      };
    },
  },
  grafana: {
    port: 3000,
    data: '/var/lib/grafana',
    container: ({ config, grafanaPassword }) => ({
      env: {
        GF_SECURITY_ADMIN_USER: config.grafana.admin_user,
        GF_SECURITY_ADMIN_PASSWORD__FILE: GRAFANA_PASSWORD_PATH,
        ...GRAFANA_QUIET,
      },
      extraHosts: [],
      networks: [{ name: config.network, aliases: ['grafana', ownGrafanaAlias(config.name)] }],
      files: [{ path: GRAFANA_PASSWORD_PATH, content: grafanaPassword, secret: true }],
    }),
  },
};

/** The networks on which Prometheus has to be, its own first, the others by name. */
const prometheusNetworks = ({ config, targets, networks }: ComponentInput): DesiredContainer['networks'] => {
  const needed = new Set([...networks, ...targets.flatMap((t) => t.network ?? [])]);
  needed.delete(config.network);
  return [
    { name: config.network, aliases: ['prometheus'] },
    ...[...needed].sort().map((name) => ({ name, aliases: [] })),
  ];
};

/** The container of a server of the stack, as monitor.yml and the table have it. Pure. */
export const serverParts = (server: Server, input: ComponentInput): ContainerParts => {
  const { port, data, container } = COMPONENTS[server];
  const { config } = input;
  const own = config[server];
  return {
    ...container(input),
    name: own.container,
    image: own.image,
    mounts: [{ volume: own.volume, target: data }],
    ports: [{ container: port, host: own.port, bind: config.bind }],
  };
};
