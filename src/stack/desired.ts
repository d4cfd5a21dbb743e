import { createHash } from 'node:crypto';
import type { MonitorConfig } from '../config/model.ts';
import { SERVERS } from '../config/servers.ts';
import type { CreateContainer } from '../docker/engine.ts';
import { prometheusDatasource } from '../grafana/model.ts';
import { isRecord } from '../json.ts';
import { type ComponentInput, type ContainerParts, serverParts } from './components.ts';
import { LABEL, type Role, stackLabels } from './labels.ts';
import type { DesiredContainer, DesiredStack } from './model.ts';

/** What every container of the stack is held to: no privilege, a bounded log, back after a reboot. */
export const HARDENED = {
  restart: 'unless-stopped',
  capDrop: ['ALL'],
  securityOpt: ['no-new-privileges'],
  logOptions: { 'max-size': '10m', 'max-file': '3' },
} as const satisfies Partial<CreateContainer>;

interface DesiredInput extends ComponentInput {
  exporters: readonly DesiredContainer[];
  /** Exporters that cannot be made now, by their label. */
  spared: readonly string[];
}

/** What the engine should look like for this configuration. Pure. */
export const desiredStack = (input: DesiredInput): DesiredStack => ({
  name: input.config.name,
  network: { name: input.config.network, labels: stackLabels(input.config.name) },
  containers: [
    ...SERVERS.map((server) => container(input.config, server, serverParts(server, input))),
    ...input.exporters,
  ],
  spared: input.spared,
  grafana: { datasource: prometheusDatasource(input.config.scrape_interval) },
});

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

/** 12 hex digits of SHA-256 over the value's JSON, whatever the order of its keys. */
export const hashOf = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value, byKey)).digest('hex').slice(0, 12);

const byKey = (_key: string, value: unknown): unknown =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
