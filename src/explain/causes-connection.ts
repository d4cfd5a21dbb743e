import { isOwnMachine } from '../config/address.ts';
import { closest } from '../config/suggest.ts';
import { plural } from '../config/words.ts';
import { splitAddress } from '../detect/place.ts';
import { HOST_ALIAS } from '../detect/reach.ts';
import { asTarget, correct, shownAddress } from './change.ts';
import type { Elsewhere, Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Listener } from './listeners.ts';
import type { Rule } from './rule.ts';
import { readScrapeError } from './scrape-error.ts';
import type { Kind } from './wrong.ts';

const NO_CONNECTION: ReadonlySet<Kind> = new Set([
  'no-such-host',
  'dns',
  'refused',
  'timeout',
  'unreachable',
  'no-answer',
]);

/** No connection came about: the name, the port, the address that the program listens on. Pure. */
export const byConnection = (evidence: Evidence, kind: Kind): Finding | undefined => {
  if (!NO_CONNECTION.has(kind)) return undefined;
  const loopback = inOwnContainer(evidence);
  if (loopback !== undefined) return loopback;
  // A name that does not resolve may show as a timeout: the engine's name server asks others before it gives up.
  const said = readScrapeError(evidence.error ?? '')?.kind;
  if ([kind, said].some((one) => one === 'no-such-host' || one === 'dns')) return noSuchHost(evidence);
  if (evidence.ownMachine !== undefined && evidence.container === undefined) return onOwnMachine(evidence, kind);
  if (evidence.container === undefined && nameless(evidence)) return noSuchHost(evidence);
  return kind === 'refused' || !listens(evidence) ? refused(evidence, kind) : silent(evidence);
};

const portOf = ({ endpoint }: Evidence): number => Number(splitAddress(endpoint.address).port);
const hostOf = ({ endpoint }: Evidence): string => splitAddress(endpoint.address).host;

/** A passed-through `localhost` is not this machine: Prometheus looks inside its own container. */
const inOwnContainer = (evidence: Evidence): ReturnType<Rule> => {
  if (evidence.origin !== 'passthrough' || !isOwnMachine(hostOf(evidence))) return undefined;
  const [owner] = evidence.ownMachine?.containers ?? [];
  return {
    code: 'localhost-in-scrape-configs',
    cause: `in \`scrape_configs\`, ${hostOf(evidence)} is the container in which Prometheus itself runs, and nothing there listens on port ${portOf(evidence)}`,
    remedy: correct(evidence, owner === undefined ? { host: HOST_ALIAS } : { host: owner.name, port: owner.port }),
  };
};

const noSuchHost = (evidence: Evidence): ReturnType<Rule> => {
  const host = hostOf(evidence);
  const near = closest(host, evidence.names);
  return {
    code: 'no-such-host',
    cause: `the name "${host}" does not resolve: there is no container of that name${near === undefined ? '' : `; did you mean ${near}?`}`,
    remedy:
      near === undefined
        ? `start the container "${host}", or correct the name; \`docker ps\` lists the containers`
        : correct(evidence, { host: near }),
  };
};

/** No container, no address and no dot: a name that only the engine could have known, and nothing was heard under it. */
const nameless = (evidence: Evidence): boolean => {
  const { answer } = evidence;
  const silent = answer?.ok === false && (answer.code === 'no-answer' || answer.code === 'timeout');
  return silent && !answer.reason.startsWith('starts to answer') && /^[a-z0-9_-]+$/i.test(hostOf(evidence));
};

/** Without a look at its ports a refusal is all there is to go by, and silence says nothing of them. */
const listens = (evidence: Evidence): boolean =>
  evidence.listeners === undefined || evidence.listeners.some((l) => l.port === portOf(evidence));

const onOwnMachine = (evidence: Evidence, kind: string): ReturnType<Rule> => {
  const { ownMachine } = evidence;
  const port = portOf(evidence);
  const [owner] = ownMachine?.containers ?? [];
  const shown = shownAddress(evidence);
  if (owner !== undefined && (ownMachine?.listens !== true || owner.published !== undefined)) {
    const what =
      owner.published === undefined
        ? `${shown} means this machine, where nothing listens on port ${port}; container ${owner.name} does`
        : `${shown} means this machine, where port ${port} is published from container ${owner.name} on ${owner.published} only, which containers cannot reach`;
    return {
      code: 'localhost-is-a-container',
      cause: `${what}; localhost inside a container is that container, not this machine`,
      remedy: `name the container: ${correct(evidence, { host: owner.name, port: owner.port })}`,
    };
  }
  if (ownMachine?.listens === true) {
    return kind === 'refused'
      ? {
          code: 'listens-on-loopback',
          cause: `the program on this machine listens on 127.0.0.1:${port} only, and containers connect from another address (as ${HOST_ALIAS})`,
          remedy: `let the program listen on 0.0.0.0:${port}`,
        }
      : {
          code: 'firewall',
          cause: `port ${port} of this machine accepts connections from this machine and not from a container: a firewall blocks them`,
          remedy: `allow connections from the engine’s networks to port ${port} (with ufw: \`ufw allow in on docker0 to any port ${port}\`), or run the program in a container`,
        };
  }
  return {
    code: 'not-listening',
    cause: `${shown} means this machine${ownMachine?.listens === false ? `, where nothing listens on port ${port}` : `: nothing listens on port ${port} there, or only on 127.0.0.1`}`,
    remedy: `start the program, and let it listen on 0.0.0.0:${port}: a container reaches this machine as ${HOST_ALIAS}`,
  };
};

/** Seconds that a program is given to open its port. */
const YOUNG = 30;

const refused = (evidence: Evidence, kind: string): ReturnType<Rule> => {
  const { listeners, container } = evidence;
  const port = portOf(evidence);
  const where = container === undefined ? hostOf(evidence) : `container ${container.name}`;
  if (listeners === undefined) return unseen(evidence, where, kind);
  const here = listeners.filter((l) => l.port === port);
  if (here.length > 0) return wrongAddress(evidence, here, where);
  const served = evidence.elsewhere.find(isServing);
  if (served !== undefined) return otherPort(evidence, served, where);
  const age = container?.runningFor;
  const others = listeners.length === 0 ? 'nothing listens in it on any port' : `it listens on ${list(listeners)}`;
  if (age !== undefined && age < YOUNG) {
    return {
      code: 'starting',
      cause: `${where} started ${age} s ago, and nothing in it listens on port ${port} yet (${others})`,
      remedy: `wait until the program has started; if it stays like this, \`docker logs ${container?.name}\` shows why`,
    };
  }
  return {
    code: 'not-listening',
    cause: `nothing in ${where} listens on port ${port}: ${others}`,
    remedy:
      listeners.length === 0
        ? `see \`docker logs ${container?.name}\`: the program opens no port, or has not got that far`
        : `let the program serve its metrics on 0.0.0.0:${port}, or name the port at which it does`,
  };
};

const isServing = ({ verdict }: Elsewhere): boolean => verdict.ok;

const list = (listeners: readonly Listener[]): string =>
  listeners.map(({ port, on }) => (on === 'loopback' ? `${port} (on 127.0.0.1 only)` : `${port}`)).join(', ');

const unseen = (evidence: Evidence, where: string, kind: string): ReturnType<Rule> => {
  const port = portOf(evidence);
  if (kind !== 'refused') return silent(evidence);
  const served = evidence.elsewhere.find(isServing);
  if (served !== undefined) return otherPort(evidence, served, where);
  return {
    code: 'refused',
    cause: `${where} refuses the connection: nothing listens on port ${port}, or only on 127.0.0.1 inside the container`,
    remedy: `let the program listen on 0.0.0.0:${port} inside its container, or name the port that it does listen on`,
  };
};

const wrongAddress = (evidence: Evidence, here: readonly Listener[], where: string): ReturnType<Rule> => {
  const port = portOf(evidence);
  const address = here.flatMap(({ on }) => (typeof on === 'object' ? [on.address] : []))[0];
  if (here.every(({ on }) => on === 'loopback')) {
    return {
      code: 'listens-on-loopback',
      cause: `${where} listens on 127.0.0.1:${port} only, which cannot be reached from outside that container`,
      remedy: `let the program listen on 0.0.0.0:${port} inside the container (often a setting called host, bind or listen address)`,
    };
  }
  if (address !== undefined && here.every(({ on }) => typeof on === 'object' || on === 'loopback')) {
    return {
      code: 'listens-on-one-address',
      cause: `${where} listens on ${address}:${port} only, which is not the address that Prometheus connects to`,
      remedy: `let the program listen on 0.0.0.0:${port} inside the container`,
    };
  }
  if (here.every(({ on }) => on !== 'any')) {
    return {
      code: 'listens-on-ipv6',
      cause: `${where} listens on port ${port} for IPv6 only, it seems, and Prometheus connects over IPv4`,
      remedy: `let the program listen on 0.0.0.0:${port} too; one that has only just opened its port is scraped by the next time`,
    };
  }
  return {
    code: 'refused',
    cause: `${where} refused the connection to port ${port}, on which something listens by now`,
    remedy: 'wait for the next scrape',
  };
};

const otherPort = (evidence: Evidence, { endpoint, verdict }: Elsewhere, where: string): ReturnType<Rule> => {
  const port = Number(splitAddress(endpoint.address).port);
  const count = verdict.ok ? plural(verdict.metrics, 'metric') : 'metrics';
  const samePath = endpoint.metrics_path === evidence.endpoint.metrics_path;
  return {
    code: 'wrong-port',
    cause: `nothing in ${where} listens on port ${portOf(evidence)}; port ${port} serves ${count} at ${endpoint.metrics_path}`,
    remedy: correct(evidence, { port, ...(samePath ? {} : { metrics_path: endpoint.metrics_path }) }),
  };
};

const silent = (evidence: Evidence): ReturnType<Rule> => {
  const { answer, container, error } = evidence;
  const where = container === undefined ? evidence.endpoint.address : `container ${container.name}`;
  const port = portOf(evidence);
  if (container !== undefined && evidence.standing === 'found' && answer?.ok === false && answer.code === 'timeout') {
    return {
      code: 'timeout',
      cause: `${where} ${answer.reason} on port ${port}, and detection does not wait longer`,
      remedy: `see what keeps the program busy (\`docker logs ${container.name}\`); where it needs that long, Prometheus itself waits for 10 s: ${asTarget(evidence)}`,
    };
  }
  if (answer?.ok === false && answer.reason.startsWith('starts to answer')) {
    return {
      code: 'timeout',
      cause: `${where} starts to answer on port ${port} and does not end in time`,
      remedy:
        'let the program end its answer (an answer is not a stream), serve fewer series or compute them faster; or raise `scrape_timeout` and `scrape_interval`',
    };
  }
  if (readScrapeError(error ?? '')?.kind === 'unreachable' || (answer?.ok === false && answer.code === 'unreachable')) {
    return {
      code: 'unreachable',
      cause: `${evidence.endpoint.address} cannot be reached over the network`,
      remedy: 'check the address, and that the machine or container behind it is running',
    };
  }
  const seen = evidence.listeners?.some((l) => l.port === port) === true;
  return {
    code: 'timeout',
    cause: seen
      ? `${where} accepts the connection on port ${port} and does not answer in time`
      : `${where} does not answer on port ${port} in time`,
    remedy:
      container === undefined
        ? 'check the address, that the port serves HTTP, and that no firewall is between it and the container of Prometheus'
        : `check that the port serves HTTP, and what keeps the program busy (\`docker logs ${container.name}\`)`,
  };
};
