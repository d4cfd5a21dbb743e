import {
  EXPORTER_NAMES,
  EXPORTERS,
  type Exporter,
  type ExporterName,
  isExporterName,
} from '../config/exporter-table.ts';
import { didYouMean } from '../config/suggest.ts';
import { containerOf } from '../detect/place.ts';
import type { Container } from '../docker/engine.ts';
import { type MonitorError, mistake } from '../errors.ts';
import { isOfAnyStack } from '../stack/labels.ts';
import { quoted } from '../words.ts';
import { serversOf } from './suggestions.ts';

/** @throws MonitorError `unknown-exporter`, with the nearest name and the list */
export const exporterNamed = (name: string): ExporterName => {
  if (isExporterName(name)) return name;
  const start = EXPORTER_NAMES.find((known) => name.startsWith(known));
  throw mistake({
    code: 'unknown-exporter',
    message: `${quoted(name)} is not a known exporter`,
    detail: [`known exporters: ${EXPORTER_NAMES.join(', ')}`],
    suggestion:
      didYouMean(start ?? name, EXPORTER_NAMES) ??
      'run it as a container of your own, and add it with `monitor add-target HOST:PORT`',
  });
};

/**
 * The container that an exporter is for: the named one, or the only one of its kind that runs. Pure.
 * @throws MonitorError `no-such-container`, `no-server` or `several-servers`
 */
export const serverFor = (
  name: ExporterName,
  wanted: string | undefined,
  containers: readonly Container[],
): Container => {
  const theirs = containers.filter((c) => !isOfAnyStack(c));
  const servers = serversOf(name, theirs);
  if (wanted !== undefined) {
    const found = containerOf(wanted, { containers: theirs, networks: [], aliases: new Map() });
    if (found === undefined) throw noSuchContainer(name, wanted, theirs, servers);
    return found;
  }
  const [only, ...others] = servers;
  if (only !== undefined && others.length === 0) return only;
  throw only === undefined ? noServer(name) : severalServers(name, servers);
};

/** `MySQL or MariaDB` */
const aboutOf = (name: ExporterName): string => Object.keys(EXPORTERS[name].servers ?? {}).join(' or ');

const namesOf = (containers: readonly Container[]): string[] => containers.map((c) => c.name).sort();

const noSuchContainer = (
  name: ExporterName,
  wanted: string,
  containers: readonly Container[],
  servers: readonly Container[],
): MonitorError =>
  mistake({
    code: 'no-such-container',
    message: `Container ${quoted(wanted)} was not found on this engine`,
    detail: servers.length === 0 ? [] : [`${aboutOf(name)} runs in ${namesOf(servers).join(', ')}`],
    suggestion: didYouMean(wanted, namesOf(containers)) ?? '`docker ps` lists the containers that run',
  });

const noServer = (name: ExporterName): MonitorError =>
  mistake({
    code: 'no-server',
    message: `No running container was recognized as ${aboutOf(name)}`,
    detail: ['servers are recognized by their image, or by the port that they expose'],
    suggestion: `name the container: monitor add-exporter ${name} --for CONTAINER`,
  });

const severalServers = (name: ExporterName, servers: readonly Container[]): MonitorError =>
  mistake({
    code: 'several-servers',
    message: `${aboutOf(name)} runs in several containers`,
    detail: namesOf(servers),
    suggestion: `name one: monitor add-exporter ${name} --for ${namesOf(servers)[0]}`,
  });

/** What a server listens on, where that is not what such a server usually does: the only port that its image exposes. Pure. */
export const unusualPort = ({ serverPort }: Exporter, { ports }: Container): number | undefined => {
  const exposed = [...new Set(ports.filter((p) => p.type === 'tcp').map((p) => p.privatePort))];
  const [only] = exposed;
  return exposed.length !== 1 || only === serverPort ? undefined : only;
};
