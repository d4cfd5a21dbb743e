import { takesPassword } from '../config/exporter-table.ts';
import type { ExporterConfig } from '../config/model.ts';
import { containerOf } from '../detect/place.ts';
import type { Container, Engine } from '../docker/engine.ts';
import { unlessRefused } from '../errors.ts';
import { byState } from '../explain/causes-container.ts';
import { inspect, listenersOf } from '../explain/containers.ts';
import type { Finding, Inspected, Listener } from '../explain/evidence.ts';
import type { Session } from '../stack/session.ts';
import { shorten } from '../words.ts';
import { kindOf } from './components.ts';
import { exporterKey } from './edit.ts';
import { readSecrets } from './secrets.ts';

/**
 * By the exporter's container: why those cannot read their server that say so, by their own metric as last scraped, and those
 * whose server does not run: some then wait for it longer than a scrape does.
 */
export const unreadServers = async (
  session: Session,
  { containers }: { containers: readonly Container[] },
): Promise<Map<string, Finding>> => {
  const exporters = session.loaded.config.exporters.filter((e) => e.for !== undefined);
  const telling = exporters.filter((e) => kindOf(e).upMetric !== undefined);
  const down = telling.length === 0 ? [] : await serversDown(session, telling);
  const isServed = (exporter: ExporterConfig): boolean => serverOf(exporter, containers)?.state === 'running';
  const unread = exporters.filter((e) => down.includes(e) || !isServed(e));
  const found = await Promise.all(
    unread.map(async (exporter): Promise<[string, Finding]> => {
      const [why, log] = await Promise.all([
        whyUnread(session.engine, containers, exporter),
        // Where its server does not run, there is nothing that it could add.
        isServed(exporter) ? tellingLine(session, exporter) : undefined,
      ]);
      return [exporter.container, log === undefined ? why : { ...why, cause: `${why.cause}; its log: ${log}` }];
    }),
  );
  return new Map(found);
};

/** The exporters whose own metric is 0 in Prometheus, since they were started; none if Prometheus does not answer. */
const serversDown = async ({ prometheus, engine }: Session, exporters: readonly ExporterConfig[]) => {
  const metrics = `{__name__=~"${[...new Set(exporters.flatMap((e) => kindOf(e).upMetric ?? []))].join('|')}"}`;
  const times = await prometheus.query(`timestamp(${metrics}) and ${metrics} == 0`).catch(unlessRefused);
  const isDown = async ({ job_name, for: server, port, container }: ExporterConfig): Promise<boolean> => {
    const instance = `${server}:${port}`;
    const found = times?.series.find(({ labels }) => labels['job'] === job_name && labels['instance'] === instance);
    if (found === undefined) return false;
    const started = Date.parse((await engine.inspectContainer(container))?.startedAt ?? '');
    return !(started > Number(found.samples[0]?.[1]) * 1000);
  };
  const down = await Promise.all(exporters.map(isDown));
  return exporters.filter((_, n) => down[n]);
};

const serverOf = (exporter: ExporterConfig, containers: readonly Container[]): Container | undefined =>
  containerOf(exporter.for ?? '', { containers, networks: [], aliases: new Map() });

/** Why an exporter that answers cannot read its server: what the server's container is and where it listens. */
export const whyUnread = async (
  engine: Engine,
  containers: readonly Container[],
  exporter: ExporterConfig,
): Promise<Finding> => {
  const container = serverOf(exporter, containers);
  const [detail, listeners] = await Promise.all([
    container && inspect(engine, container),
    container?.state === 'running' ? listenersOf(engine, container) : undefined,
  ]);
  return byServer(exporter, detail, listeners);
};

/**
 * Why an exporter that answers has nothing to tell. Pure. `container`: its server's, absent where there is none; `listeners`:
 * absent where that could not be seen.
 */
export const byServer = (exporter: ExporterConfig, container?: Inspected, listeners?: readonly Listener[]): Finding => {
  const { for: name, port } = exporter;
  const kind = kindOf(exporter);
  const command = `monitor add-exporter ${exporterKey(exporter).replace('/', ' --for ')}`;
  const cannot = `it runs, and cannot read ${name}:${port}`;
  if (container === undefined) {
    return {
      code: 'server-gone',
      cause: `${cannot}: there is no container ${name}`,
      remedy: `start it, or \`${command.replace('add-', 'remove-')}\``,
    };
  }
  const state = byState(container);
  if (state !== undefined) return { ...state, code: 'server-not-running', cause: `${cannot}: ${state.cause}` };
  const others = (listeners ?? [])
    .filter((l) => l.port !== port)
    .map((l) => l.port)
    .join(', ');
  const here = listeners?.filter((l) => l.port === port);
  if (here?.length === 0) {
    return {
      code: 'server-not-listening',
      cause: `${cannot}: nothing in container ${name} listens on port ${port}${others === '' ? '' : `, it listens on ${others}`}`,
      remedy: others === '' ? `see \`docker logs ${name}\`` : `name its port: \`${command} --port PORT\``,
    };
  }
  if (here?.every(({ on }) => on === 'loopback')) {
    return {
      code: 'server-on-loopback',
      cause: `${cannot}: container ${name} listens on 127.0.0.1:${port} only, which cannot be reached from outside it`,
      remedy: `let the server listen on 0.0.0.0:${port} inside its container (often a setting called bind or listen address)`,
    };
  }
  return {
    code: 'server-unread',
    cause: `${cannot}${takesPassword(kind) ? ': the credentials are wrong, or it cannot be reached' : ''}`,
    remedy: `give it other options with \`${command} …\`${kind.needs === undefined ? '' : `; ${kind.needs}`}`,
  };
};

const FAILURE = /err|fail|refus|denied|no such|timeout|wrong|unauthor|invalid/i;
const LOG_TAIL = 30;
const LONGEST_LINE = 300;

/** The last line of its log that tells of a failure, without the password. */
export const tellingLine = async (
  { engine, folder }: Session,
  exporter: ExporterConfig,
): Promise<string | undefined> => {
  const log = await engine.logs(exporter.container, LOG_TAIL).catch(() => []);
  const line = log.findLast((text) => FAILURE.test(text)) ?? log.at(-1);
  if (line === undefined) return undefined;
  // Of a line of key="value" pairs, the error that it tells of.
  const error = /\berr(?:or)?="((?:[^"\\]|\\.)+)"/.exec(line)?.[1]?.replaceAll('\\"', '"');
  const password = (await readSecrets(folder, exporter))?.values.password;
  const text = shorten(error ?? line, LONGEST_LINE);
  return password ? text.replaceAll(password, '…') : text;
};
