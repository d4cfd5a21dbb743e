import { takesPassword } from '../config/exporter-table.ts';
import type { ExporterConfig } from '../config/model.ts';
import { shorten } from '../config/words.ts';
import { containerOf } from '../detect/place.ts';
import type { Container, Engine } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { byServer } from '../explain/causes-exporter.ts';
import { listenersOf, lookInto } from '../explain/container-evidence.ts';
import type { Finding } from '../explain/finding.ts';
import type { Session } from '../stack/session.ts';
import { kindOf } from './components.ts';
import { exporterKey } from './edit.ts';
import { readSecrets } from './secrets.ts';

/** By the exporter's container: why those that answer cannot read their server, by their own metric as last scraped. */
export const unreadServers = async (
  session: Session,
  { containers }: { containers: readonly Container[] },
): Promise<Map<string, Finding>> => {
  const exporters = session.loaded.config.exporters.filter((e) => kindOf(e).upMetric !== undefined);
  const unread = exporters.length === 0 ? [] : await serversDown(session, exporters);
  const found = await Promise.all(
    unread.map(async (exporter): Promise<[string, Finding]> => {
      const [why, log] = await Promise.all([
        whyUnread(session.engine, containers, exporter),
        tellingLine(session, exporter),
      ]);
      return [exporter.container, log === undefined ? why : { ...why, cause: `${why.cause}; its log: ${log}` }];
    }),
  );
  return new Map(found);
};

/** The exporters whose own metric is 0 in Prometheus; none if Prometheus does not answer. */
const serversDown = async (
  { prometheus }: Session,
  exporters: readonly ExporterConfig[],
): Promise<ExporterConfig[]> => {
  const metrics = [...new Set(exporters.flatMap((e) => kindOf(e).upMetric ?? []))];
  const down = await prometheus.query(`{__name__=~"${metrics.join('|')}"} == 0`).catch((error: unknown) => {
    if (error instanceof MonitorError) return undefined;
    throw error;
  });
  return exporters.filter(({ job_name, for: server, port }) =>
    down?.series.some(({ labels }) => labels['job'] === job_name && labels['instance'] === `${server}:${port}`),
  );
};

/** Why an exporter that answers cannot read its server: what the server's container is and where it listens. */
export const whyUnread = async (
  engine: Engine,
  containers: readonly Container[],
  exporter: ExporterConfig,
): Promise<Finding> => {
  const { for: name = '', port = 0 } = exporter;
  const container = containerOf(name, { containers, networks: [], aliases: new Map() });
  const [detail, listeners] =
    container === undefined
      ? []
      : await Promise.all([
          lookInto(engine, container),
          container.state === 'running' ? listenersOf({ engine }, container) : undefined,
        ]);
  const kind = kindOf(exporter);
  return byServer({
    name,
    port,
    command: `monitor add-exporter ${exporterKey(exporter).replace('/', ' --for ')}`,
    hasCredentials: takesPassword(kind),
    needs: kind.needs,
    container: detail,
    listeners,
  });
};

const FAILURE = /err|fail|refus|denied|no such|timeout|wrong|unauthor|invalid/i;
const LOG_TAIL = 30;

const LONGEST_LINE = 300;

/** Of a line of key="value" pairs, the error that it tells of. */
const gist = (line: string | undefined): string | undefined => {
  const error = line === undefined ? undefined : /\berr(?:or)?="((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
  const text = error === undefined || error === '' ? line : error.replaceAll('\\"', '"');
  return text === undefined ? undefined : shorten(text, LONGEST_LINE);
};

/** The last line of its log that tells of a failure, without the password. */
export const tellingLine = async (
  { engine, folder }: Session,
  exporter: ExporterConfig,
): Promise<string | undefined> => {
  const log = await engine.logs(exporter.container, LOG_TAIL).catch(() => []);
  const line = gist(log.findLast((text) => FAILURE.test(text)) ?? log.at(-1));
  const password = (await readSecrets(folder, exporter))?.values.password;
  return password === undefined || password === '' ? line : line?.replaceAll(password, '…');
};
