import { isOwnMachine } from '../config/address.ts';
import { splitAddress } from '../detect/place.ts';
import { HOST_ALIAS } from '../detect/reach.ts';
import type { Container } from '../docker/engine.ts';
import { remedyFor, remedyForStart } from '../docker/refusals.ts';
import { oneLine, plural, shellWord } from '../words.ts';
import type { Evidence, Finding, Inspected } from './evidence.ts';

/** Characters of what others say. */
const LONGEST = 200;

/** The address that is scraped is not that of the container: whatever was heard there says nothing about it. Pure. */
export const byAddress = ({ moved, container, origin, instance }: Evidence): Finding | undefined => {
  if (moved === undefined) return undefined;
  const { name, scraped, now, holder } = moved;
  const isRead = origin === 'exporter';
  const others = `${isRead ? 'its exporter reads' : 'Prometheus scrapes'} ${now === undefined ? 'its last address ' : ''}${scraped}, ${holder === undefined ? 'which no container has' : `which container ${holder} has now`}`;
  if (now !== undefined) {
    return {
      code: 'address-moved',
      cause: `container ${name} is reached at ${now} now, and ${others}`,
      remedy: `\`monitor up\` ${isRead ? 'tells its exporter' : 'writes'} the new address; \`monitor watch\` does so as soon as it changes`,
    };
  }
  if (holder === undefined && (container !== undefined || origin === 'detected')) return undefined;
  const isGone = container === undefined;
  return {
    code: isGone ? 'container-gone' : 'address-moved',
    cause: `container ${name} ${isGone ? 'is gone' : 'does not run'}, and ${others}`,
    remedy:
      origin === 'detected'
        ? `\`monitor up\` removes the target; with ${name} running again, it writes the new address`
        : `start ${name}, then run \`monitor up\`${isRead ? '' : `; or remove the target: \`monitor remove-target ${shellWord(instance)}\``}`,
  };
};

/** The container does not run, or Prometheus has no way to it: whatever the scrape said follows from that. Pure. */
export const byContainer = (evidence: Evidence): Finding | undefined => {
  const { container, inspected, access } = evidence;
  if (container === undefined) return gone(evidence);
  return (inspected && byState(inspected)) ?? byAccess(container, access);
};

/** A container that was not named by hand: there is no name to correct, and `up` knows what is to be there. */
const gone = ({ origin, instance, endpoint, job }: Evidence): Finding | undefined => {
  const { host } = splitAddress(origin === 'detected' ? instance : endpoint.address);
  if (origin === 'config' || origin === 'passthrough' || isOwnMachine(host) || host === HOST_ALIAS) return undefined;
  if (origin === 'detected') {
    return {
      code: 'container-gone',
      cause: `container ${host} is gone`,
      remedy: '`monitor up` removes it from the targets; `monitor watch` does so at once',
    };
  }
  const what = origin === 'stack' ? `the stack's container for ${job}` : `the exporter's container ${host}`;
  return { code: 'container-gone', cause: `${what} is gone`, remedy: '`monitor up` creates and starts it again' };
};

/** What a container's state alone explains; `undefined` for one that runs as it should. Pure. */
export const byState = (container: Inspected): Finding | undefined => {
  const { name } = container;
  switch (container.state) {
    case 'running':
      return container.leftBy === undefined ? undefined : leftBehind(name, container.leftBy);
    case 'paused':
      return {
        code: 'container-paused',
        cause: `container ${name} is paused: it accepts connections and does not answer`,
        remedy: `\`docker unpause ${name}\``,
      };
    case 'restarting':
      return {
        code: 'container-restarting',
        cause: `container ${name} keeps restarting (${plural(container.restartCount, 'time')} so far)${container.runningFor === undefined ? `: it ends with ${exitWords(container)}` : ''}${lastLine(container)}`,
        remedy: `fix what ends it: \`docker logs ${name}\` shows its whole log`,
      };
    case 'created':
      return {
        code: 'container-not-started',
        cause: `container ${name} was created and not started${container.error === '' ? '' : `: ${oneLine(container.error, LONGEST)}`}`,
        remedy: started(container),
      };
    default:
      return exited(container);
  }
};

/** A container that shares another's network keeps the one that it was started on. */
const leftBehind = (name: string, owner: string): Finding => ({
  code: 'network-left',
  cause: `container ${name} shares the network of ${owner}, which was restarted since: ${name} is cut off from the new one`,
  remedy: `\`docker restart ${name}\``,
});

const exited = (container: Inspected): Finding | undefined => {
  const { name } = container;
  if (container.oomKilled) {
    return {
      code: 'container-out-of-memory',
      cause: `container ${name} was killed: it used more memory than its limit (exit code ${container.exitCode})${lastLine(container)}`,
      remedy: `give it more memory (\`docker update --memory\`, or \`mem_limit\` in Compose), then \`docker start ${name}\``,
    };
  }
  return {
    code: 'container-exited',
    cause: `container ${name} has ended with ${exitWords(container)}${lastLine(container)}`,
    remedy:
      remedyForStart(container.error) !== undefined || container.exitCode === 0 || WAS_STOPPED.has(container.exitCode)
        ? started(container)
        : `fix what ended it (\`docker logs ${name}\` shows its whole log), then \`docker start ${name}\``,
  };
};

/** The command that starts it, once its network takes it. */
const started = ({ name, error }: Inspected): string => {
  const before = remedyForStart(error);
  return `${before === undefined ? '' : `${before}, then `}\`docker start ${name}\``;
};

/** 128 + SIGKILL and 128 + SIGTERM: what `docker stop` leaves behind. */
const WAS_STOPPED: ReadonlySet<number> = new Set([137, 143]);

/** Meanings that Docker and shells give to exit codes: docs.docker.com, "docker run", "Exit status"; 128 + a signal. */
const EXIT_WORDS: ReadonlyMap<number, string> = new Map([
  [125, 'the engine could not start it'],
  [126, 'its command cannot be executed'],
  [127, 'its command was not found'],
  [134, 'it aborted'],
  // The engine learns of a want of memory apart from the exit, and notes it only where it learns it in time.
  [137, 'it was killed: by `docker stop` or `docker kill`, or because the machine had no memory left'],
  [139, 'a segmentation fault'],
  [143, 'it was stopped'],
]);

const exitWords = ({ exitCode, error }: Inspected): string => {
  const words = error !== '' ? oneLine(error, LONGEST) : EXIT_WORDS.get(exitCode);
  return words === undefined ? `exit code ${exitCode}` : `exit code ${exitCode} (${words})`;
};

const lastLine = (container: Inspected): string =>
  container.lastLine === undefined ? '' : `; the last line of its log: ${oneLine(container.lastLine, LONGEST)}`;

/**
 * How a container without a network gets onto one. The engine joins one that is on `none` to nothing else, and one that
 * shares the network of another to nothing at all. Pure.
 */
export const ontoANetwork = ({
  name,
  networkMode,
  networks,
}: Pick<Container, 'name' | 'networkMode' | 'networks'>): string => {
  if (networkMode.startsWith('container:')) return `recreate ${name} on a network of its own`;
  const connect = `\`docker network connect NETWORK ${name}\``;
  return networks.some((n) => n.name === 'none')
    ? `put it on a network: \`docker network disconnect none ${name}\`, then ${connect}`
    : `put it on a network: ${connect}`;
};

const byAccess = (container: Container, access: Evidence['access']): Finding | undefined => {
  const { name, networks } = container;
  if (access?.by === 'none') {
    return {
      code: 'no-network',
      cause: `Prometheus cannot reach container ${name}: ${access.reason}`,
      remedy: `${ontoANetwork(container)}, then \`monitor up\``,
    };
  }
  if (access?.by !== 'joining') return undefined;
  if (access.refused !== undefined) {
    return {
      code: 'network-refused',
      cause: `container ${name} is on network ${access.network}, which Prometheus cannot join: ${access.refused}`,
      remedy: `${remedyFor(access.network, access.refused)}, then run \`monitor up\``,
    };
  }
  const where = `the ${networks.length === 1 ? 'network' : 'networks'} ${networks.map((n) => n.name).join(', ')}`;
  return {
    code: 'no-shared-network',
    cause: `container ${name} is on ${where}, and Prometheus is not: it cannot resolve its name or reach it`,
    remedy: `\`monitor up\` lets Prometheus join ${access.network}`,
  };
};
