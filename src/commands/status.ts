import type { Define } from '../cli/command.ts';
import { exitCode3 } from '../cli/parameters.ts';
import { SERVERS } from '../config/servers.ts';
import type { Container } from '../docker/engine.ts';
import { lookAtTargets, type TargetLook, withCauses } from '../explain/targets.ts';
import type { ReportOf } from '../output/report.ts';
import { configTime } from '../prometheus/render.ts';
import { scrapedSamples } from '../prometheus/scraped-samples.ts';
import { clockReport } from '../stack/clock.ts';
import { type DesertedNetwork, desertedNetworks } from '../stack/deserted.ts';
import { containerIn, isOfStack, LABEL } from '../stack/labels.ts';
import type { Snapshot } from '../stack/model.ts';
import { look, otherPort } from '../stack/observe.ts';
import { type Deps, type Session, withSession } from '../stack/session.ts';
import { withSamples } from '../stack/target-states.ts';

export const command: Define = (status, invoke) =>
  status
    .addHelpText('after', exitCode3('the stack is not running or a target is down'))
    .action(invoke(runStatus, { exitCode: statusExitCode }));

/** The stack's containers, networks and volumes, and the health of its targets. */
export const runStatus = (deps: Deps): Promise<ReportOf<'status'>> =>
  withSession(deps, async (session) => {
    const { loaded, urls } = session;
    const { config } = loaded;
    const observed = await look(session);
    const answers = observed.prometheus?.loaded !== undefined;
    const [looked, samples] = await Promise.all([
      lookAtTargets(session, observed),
      answers ? scrapedSamples(session.prometheus).catch(() => () => undefined) : () => undefined,
    ]);
    const rows = await withCauses(session, observed, looked);
    const clock = answers ? await clockReport(session.prometheus) : { notices: [] };
    const containers = observed.containers.filter((c) => isOfStack(c, config.name));
    const isRunning = (role: string) => containers.some((c) => c.labels[LABEL.role] === role && c.state === 'running');
    return {
      kind: 'status',
      stack: config.name,
      running: answers && SERVERS.every(isRunning),
      containers: containers.map((c) => ({
        role: c.labels[LABEL.exporter] ?? c.labels[LABEL.role] ?? '',
        name: c.name,
        state: c.status || c.state,
        image: c.image,
      })),
      urls,
      networks: networkRows(observed, config.name, config.network),
      volumes: SERVERS.map((server) => config[server].volume).map((name) => ({
        name,
        ours: isOurs(observed.volumes.get(name), config.name),
        exists: observed.volumes.has(name),
      })),
      targets: rows.map((row, n) => withSamples({ ...looked.targets[n]?.state, row, listed: true }, samples)),
      now: clock.now,
      notices: [
        ...portNotices(session, containers),
        ...notices(session, observed, looked),
        ...clock.notices,
        ...desertedNetworks(observed.containers, config).map(notice),
      ],
    };
  });

const isOurs = (thing: { labels: Record<string, string> } | undefined, stack: string): boolean =>
  thing !== undefined && isOfStack(thing, stack);

const networkRows = (observed: Snapshot, stack: string, own: string): { name: string; ours: boolean }[] => {
  const joined = [...observed.own.values()].flatMap((c) => c.networks.map((n) => n.name));
  const names = [...new Set([own, ...joined])];
  return names.flatMap((name) => {
    const network = observed.networks.find((n) => n.name === name);
    return network === undefined ? [] : [{ name, ours: isOurs(network, stack) }];
  });
};

const portNotices = ({ loaded: { config } }: Session, containers: readonly Container[]): string[] =>
  SERVERS.flatMap((server) => {
    const container = containerIn(containers, config.name, server);
    const port = container && otherPort(container, config[server].port);
    return container === undefined || port === undefined
      ? []
      : [
          `${container.name} is published on port ${port}; \`monitor up\` publishes it on ${config[server].port}, as monitor.yml says`,
        ];
  });

const notices = ({ urls }: Session, { prometheus }: Snapshot, { targets }: TargetLook): string[] => {
  if (prometheus === undefined) return [];
  if (prometheus.loaded === undefined) {
    return [`Prometheus does not answer at ${urls.prometheus}; see \`monitor logs prometheus\``];
  }
  const isNew = targets.some(({ subject }) => subject.standing === 'wanted');
  const isLoaded = prometheus.file?.modified === configTime(prometheus.loaded);
  return isLoaded && !isNew
    ? []
    : ['Prometheus is running with an older configuration than monitor.yml; `monitor up` applies the new one'];
};

const notice = ({ name, containers }: DesertedNetwork): string => {
  const names = containers.map((c) => c.name);
  const commands = names.map((container) => `\`docker network disconnect ${name} ${container}\``);
  return `network ${name} has no containers but ${names.join(' and ')}, and cannot be removed while ${names.length === 1 ? 'it is' : 'they are'} connected: run ${commands.join(' and ')} to free it`;
};

/** 3 if the stack is not running or a target is down. */
export const statusExitCode = (report: ReportOf<'status'>): 0 | 3 =>
  report.running && report.targets.every((t) => t.health !== 'down') ? 0 : 3;
