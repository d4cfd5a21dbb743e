import { tryRun } from '../scripts/sandbox/run.ts';
import type { MonitorConfig } from '../src/config/model.ts';
import { renderPrometheusConfig } from '../src/prometheus/render.ts';
import { desiredStack } from '../src/stack/desired.ts';
import type { DesiredContainer } from '../src/stack/model.ts';

export interface ComposeProject {
  /** What to write into its folder, by name. */
  files: Record<string, string>;
  /** What the images do not allow; empty where all is well. */
  note: string;
}

/**
 * A Compose project of the very containers that `monitor up` makes of a configuration: the same images, commands,
 * variables, volumes, ports, limits. The files come in as bind mounts, as people do it with Compose.
 */
export const composeProject = async (config: MonitorConfig): Promise<ComposeProject> => {
  const input = {
    config,
    targets: [],
    networks: [],
    grafanaPassword: 'bench',
    exporters: [],
    spared: [],
    quickDiscovery: true,
  };
  const stack = desiredStack({ ...input, prometheusConfig: renderPrometheusConfig(config, []) });
  const services = await Promise.all(stack.containers.map(serviceOf));
  const project = {
    name: config.name,
    services: Object.fromEntries(services.map(({ role, service }) => [role, service])),
    networks: { stack: { name: config.network } },
    volumes: Object.fromEntries(stack.containers.flatMap((c) => c.spec.mounts.map((m) => [m.volume, {}]))),
  };
  const unchecked = services.filter(({ service }) => service.healthcheck === undefined).map(({ role }) => role);
  return {
    files: {
      // JSON is YAML.
      'compose.yaml': JSON.stringify(project, null, 2),
      ...Object.fromEntries(stack.containers.flatMap((c) => c.files.map((f) => [fileName(f.path), f.content]))),
    },
    note: unchecked.length === 0 ? '' : `no healthcheck of ${unchecked.join(', ')}: no wget or curl in the image`,
  };
};

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const READY = { prometheus: ':9090/-/ready', grafana: ':3000/api/health' };

const serviceOf = async ({ role, spec, files, networks }: DesiredContainer) => {
  const ready = role === 'exporter' ? undefined : READY[role];
  const healthcheck = ready === undefined ? undefined : await healthcheckOf(spec.image, `http://127.0.0.1${ready}`);
  const service = {
    container_name: spec.name,
    image: spec.image,
    command: spec.command,
    environment: spec.env,
    // What `monitor` detects beside it is the applications of the measure.
    labels: { 'prometheus.io/scrape': 'false' },
    volumes: [
      ...spec.mounts.map(({ volume, target }) => `${volume}:${target}`),
      ...files.map(({ path }) => `./${fileName(path)}:${path}:ro`),
    ],
    ports: spec.ports.map(({ bind, host, container }) => `${bind}:${host}:${container}`),
    networks: { stack: { aliases: networks[0]?.aliases } },
    extra_hosts: spec.extraHosts,
    restart: spec.restart,
    cap_drop: spec.capDrop,
    security_opt: spec.securityOpt,
    logging: { options: spec.logOptions },
    healthcheck,
  };
  return { role, service };
};

/** Far shorter than people have it (10 s to 30 s), so that the peer is not slow for its waiting alone. */
const INTERVAL = '500ms';

const healthcheckOf = async (image: string, url: string): Promise<object | undefined> => {
  const look = [
    'run',
    '--rm',
    '--network=none',
    '--entrypoint=/bin/sh',
    image,
    '-c',
    'command -v wget || command -v curl',
  ];
  const { code, stdout } = await tryRun('docker', look);
  if (code !== 0) return undefined;
  const ask = stdout.includes('wget') ? `wget -q -O /dev/null ${url}` : `curl -fso /dev/null ${url}`;
  return { test: ['CMD-SHELL', ask], interval: INTERVAL, timeout: '5s', retries: 100 };
};
