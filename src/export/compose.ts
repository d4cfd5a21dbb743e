import { basename } from 'node:path/posix';
import { missingOptions } from '../config/exporter-table.ts';
import type { ExporterConfig } from '../config/model.ts';
import { mapStrings } from '../dashboards/json-tree.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { kindOf } from '../exporters/components.ts';
import { addExporterCommand } from '../exporters/credentials.ts';
import { libraryText } from '../prometheus/yaml-text.ts';
import { PROMETHEUS_CONFIG_PATH } from '../stack/components.ts';
import type { DesiredContainer, StackFile } from '../stack/model.ts';
import { orNone, when } from './lists.ts';
import { type ExportFile, type Finding, HEADER } from './model.ts';
import { dataKey } from './names.ts';
import { FILES_FOLDER, passThrough } from './passthrough.ts';
import { prometheusYml } from './prometheus-config.ts';
import { DASHBOARDS_FOLDER, PROVISIONING_FOLDER, provisioningFiles } from './provisioning.ts';
import type { ComposeInput } from './stack-input.ts';

export interface ComposeExport {
  /** Self-contained but for the secrets: what the other files have is written in it. Needs Compose 2.23.1. */
  text: string;
  files: ExportFile[];
  /** The files of secrets, also of `text`: below the folder of monitor.yml there. */
  secrets: ExportFile[];
  prometheusConfig: string;
  /** What it names, as Prometheus has it. */
  prometheusFiles: StackFile[];
  findings: Finding[];
}

interface ConfigFile {
  name: string;
  path: string;
  target: string;
  content: string;
}

const SECRETS_FOLDER = '.monitor/secrets';

/** The stack as a project of Compose. Source of the file's keys: the Compose Specification. Pure. */
export const composeExport = (input: ComposeInput): ComposeExport => {
  const { config, stack } = input;
  const passed = passThrough(config.scrape_configs, input.files, PLACE);
  const prometheusConfig = prometheusYml(config.scrape_interval, { own: input.jobs, passed: passed.configs });
  const prometheus = [
    { name: 'prometheus', path: 'prometheus.yml', target: PROMETHEUS_CONFIG_PATH, content: prometheusConfig },
  ];
  const configs: Record<string, ConfigFile[]> = { prometheus, grafana: grafanaFiles(input) };
  const prometheusFiles = Object.entries(passed.files).map(([key, content]) => ({
    path: `${FILES_FOLDER}/${key}`,
    content,
    secret: true,
  }));
  const services = stack.containers.map((container) => {
    const files = container.role === 'prometheus' ? prometheusFiles : [];
    return serviceOf({ ...container, files: [...container.files, ...files] }, configs[container.role] ?? [], input);
  });
  const all = Object.values(configs).flat();
  const volumes = stack.containers.flatMap((c) => c.spec.mounts.map(({ volume }) => [volume, { name: volume }]));
  const secretFiles = services.flatMap((s) => s.secrets.map(({ name, file }) => [name, { file: `./${file.path}` }]));
  const document = (configOf: (file: ConfigFile) => object) => {
    const project = {
      name: stack.name,
      services: Object.fromEntries(services.map(({ name, service }) => [name, service])),
      configs: Object.fromEntries(all.map((file) => [file.name, configOf(file)])),
      secrets: Object.fromEntries(secretFiles),
      networks: networksOf(input),
      volumes: Object.fromEntries(volumes),
    };
    return HEADER + libraryText(escaped(project));
  };
  const secrets = services.flatMap((s) => [...s.secrets.map(({ file }) => file), ...s.envFiles]);
  return {
    text: document(({ content }) => ({ content })),
    files: [
      { path: 'compose.yaml', text: document(({ path }) => ({ file: `./${path}` })) },
      ...all.map(({ path, content }) => ({ path, text: content, mode: READABLE })),
    ],
    secrets,
    prometheusConfig,
    prometheusFiles,
    findings: [...input.nameless.map(nameless), ...input.unready.map(leftOut), ...passed.findings],
  };
};

/** Prometheus's volume may have files that scrape configs name. */
const PLACE = { folder: FILES_FOLDER, has: /^\/prometheus\//, hasDocker: true };

const nameless = ({ instance, job }: ScrapeTarget): Finding => ({
  code: 'no-name',
  subject: instance,
  message: `${instance} (job ${job}) is on Docker's default network, which a Compose project cannot join`,
  remedy: 'connect its container to a network of its own: docker network connect NETWORK CONTAINER, and export again',
});

const leftOut = (exporter: ExporterConfig): Finding => {
  const missing = missingOptions(kindOf(exporter), exporter).map((o) => o.name);
  return {
    code: 'credentials',
    subject: exporter.container,
    message: `exporter ${exporter.container} is not in the export: its credentials are not known here`,
    remedy: `\`${addExporterCommand(exporter, missing)}\` and export again`,
  };
};

/** The user of a container is not the one who writes the file. */
const READABLE = 0o644;
/** For this user alone: the files in it are mounted one by one, and have to be readable for the users of the containers. */
const CLOSED = 0o700;

const grafanaFiles = ({ datasource, dashboards, stack }: ComposeInput): ConfigFile[] => [
  ...provisioningFiles(stack.name, datasource, dashboards).map(({ kind, text }) => ({
    name: `grafana-${kind}`,
    path: `grafana/${kind}.yaml`,
    target: `${PROVISIONING_FOLDER}/${kind}/monitor.yaml`,
    content: HEADER + text,
  })),
  ...dashboards.map(({ uid, json }) => ({
    name: `dashboard-${uid}`,
    path: `grafana/dashboards/${uid}.json`,
    target: `${DASHBOARDS_FOLDER}/${uid}.json`,
    content: JSON.stringify(json),
  })),
];

const serviceOf = (
  { role, spec, networks, files }: DesiredContainer,
  configs: readonly ConfigFile[],
  { secretValues, networkNames }: ComposeInput,
) => {
  const name = role === 'exporter' ? spec.name : role;
  const secrets = files
    .filter((file) => file.secret)
    .map(({ path, content }) => {
      const key = dataKey(`${name}-${basename(path)}`);
      return { name: key, target: path, file: secretFile(key, content) };
    });
  const variables = Object.entries(spec.env);
  const hidden = variables.filter(([, value]) => secretValues.includes(value));
  const envText = hidden.map(([key, value]) => `${key}=${envValue(value)}\n`).join('');
  const envFiles = when(hidden.length > 0, secretFile(`${name}.env`, envText));
  const open = variables.filter(([, value]) => !secretValues.includes(value));
  return {
    name,
    secrets,
    envFiles,
    service: {
      image: spec.image,
      container_name: spec.name,
      command: spec.command,
      user: spec.user,
      environment: open.length === 0 ? undefined : Object.fromEntries(open),
      env_file: orNone(envFiles.map(({ path }) => `./${path}`)),
      ports: orNone(spec.ports.map(portOf)),
      volumes: orNone([
        ...spec.mounts.map(({ volume, target }) => ({ type: 'volume', source: volume, target })),
        ...(spec.binds ?? []).map(bindOf),
      ]),
      configs: orNone(configs.map((file) => ({ source: file.name, target: file.target }))),
      secrets: orNone(secrets.map((secret) => ({ source: secret.name, target: secret.target }))),
      extra_hosts: orNone(spec.extraHosts),
      networks: Object.fromEntries(
        networks
          .filter((n) => networkNames.includes(n.name))
          .map(({ name: network, aliases }) => [network, aliases.length === 0 ? {} : { aliases }]),
      ),
      pid: spec.pidMode,
      restart: spec.restart,
      cap_drop: spec.capDrop,
      security_opt: spec.securityOpt,
      logging: { driver: 'json-file', options: spec.logOptions },
    },
  };
};

const secretFile = (key: string, text: string): ExportFile => ({
  path: `${SECRETS_FOLDER}/${key}`,
  text,
  mode: READABLE,
  folderMode: CLOSED,
});

const portOf = ({ container, host, bind }: DesiredContainer['spec']['ports'][number]) => ({
  target: container,
  published: `${host}`,
  host_ip: bind,
  protocol: 'tcp',
});

/** `/:/host:ro` */
const bindOf = (bind: string) => {
  const [source = '', target = '', mode] = bind.split(':');
  return { type: 'bind', source, target, read_only: mode === 'ro' };
};

/** As a .env file has it: between single quotes nothing is expanded. */
const envValue = (value: string): string => {
  if (!/['\n\r]/.test(value)) return `'${value}'`;
  const escapes = value
    .replaceAll(/[\\"$]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `"${escapes}"`;
};

/** Only the stack's own network is the project's to create. */
const networksOf = ({ ownNetwork, networkNames }: ComposeInput) =>
  Object.fromEntries(networkNames.map((name) => [name, { name, external: name === ownNetwork ? undefined : true }]));

/** Compose expands `$` in every value. */
const escaped = (project: object): unknown => mapStrings(project, (text) => text.replaceAll('$', '$$$$'));
