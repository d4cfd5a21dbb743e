import { isOwnMachine } from '../config/address.ts';
import { closest } from '../config/suggest.ts';
import { splitAddress } from '../detect/place.ts';
import { HOST_ALIAS } from '../detect/reach.ts';
import { plural } from '../words.ts';
import { asTarget, correct, inScrapeConfigs, shownAddress } from './change.ts';
import type { Elsewhere, Evidence, Finding, Listener, OwnMachine } from './evidence.ts';
import { type Kind, readScrapeError } from './wrong.ts';

const NO_CONNECTION: readonly Kind[] = ['no-such-host', 'dns', 'refused', 'timeout', 'unreachable', 'no-answer'];

/** No connection came about: the name, the port, the address that the program listens on. Pure. */
export const byConnection = (evidence: Evidence, kind: Kind): Finding | undefined => {
  if (!NO_CONNECTION.includes(kind)) return undefined;
  const { container, origin, ownMachine, error } = evidence;
  if (origin === 'passthrough' && isOwnMachine(hostOf(evidence))) return inOwnContainer(evidence);
  // A name that does not resolve may show as a timeout: the engine's name server asks others before it gives up. That of a
  // container that runs by now did not resolve at the time of the scrape.
  const said = container === undefined ? readScrapeError(error)?.kind : undefined;
  if ([kind, said].some((one) => one === 'no-such-host' || one === 'dns')) return noSuchHost(evidence);
  if (ownMachine !== undefined && container === undefined) return onOwnMachine(evidence, ownMachine, kind);
  if (container === undefined && isNameless(evidence)) return noSuchHost(evidence);
  return (kind === 'refused' ? undefined : silent(evidence)) ?? refused(evidence);
};

const portOf = ({ endpoint }: Pick<Evidence, 'endpoint'>): number => Number(splitAddress(endpoint.address).port);
const hostOf = ({ endpoint }: Evidence): string => splitAddress(endpoint.address).host;

/** A passed-through `localhost` is not this machine: Prometheus looks inside its own container. */
const inOwnContainer = (evidence: Evidence): Finding => {
  const [owner] = evidence.ownMachine?.containers ?? [];
  return {
    code: 'localhost-in-scrape-configs',
    cause: `in \`scrape_configs\`, ${hostOf(evidence)} is the container in which Prometheus itself runs, and nothing there listens on port ${portOf(evidence)}`,
    remedy: correct(evidence, owner === undefined ? { host: HOST_ALIAS } : { host: owner.name, port: owner.port }),
  };
};

const noSuchHost = (evidence: Evidence): Finding => {
  const host = hostOf(evidence);
  if (evidence.container?.name === host) {
    return {
      code: 'starting',
      cause: `the name "${host}" did not resolve, since container ${host} was not running; it runs by now`,
      remedy: `wait for the next scrape; if it stays like this, \`docker logs ${host}\` shows whether it restarts`,
    };
  }
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

/** No address and no dot: a name that only the engine could have known, and nothing was heard under it. */
const isNameless = (evidence: Evidence): boolean => {
  const code = evidence.refusal?.code;
  return (
    (code === 'no-answer' || code === 'timeout') && !startsToAnswer(evidence) && /^[a-z0-9_-]+$/i.test(hostOf(evidence))
  );
};

const startsToAnswer = ({ refusal }: Evidence): boolean => refusal?.reason.startsWith('starts to answer') === true;

const onOwnMachine = (evidence: Evidence, { listens, containers }: OwnMachine, kind: Kind): Finding => {
  const port = portOf(evidence);
  const [owner] = containers;
  const shown = shownAddress(evidence);
  if (owner !== undefined && (listens !== true || owner.published !== undefined)) {
    const what =
      owner.published === undefined
        ? `where nothing listens on port ${port}; container ${owner.name} does`
        : `where port ${port} is published from container ${owner.name} on ${owner.published} only, which containers cannot reach`;
    return {
      code: 'localhost-is-a-container',
      cause: `${shown} means this machine, ${what}; localhost inside a container is that container, not this machine`,
      remedy: owner.isOwn
        ? `\`monitor remove-target ${evidence.instance}\`: ${owner.name} is scraped already`
        : `name the container: ${correct(evidence, { host: owner.name, port: owner.port })}`,
    };
  }
  if (listens !== true) {
    return {
      code: 'not-listening',
      cause: `${shown} means this machine${listens === false ? `, where nothing listens on port ${port}` : `: nothing listens on port ${port} there, or only on 127.0.0.1`}`,
      remedy: `start the program, and let it listen on 0.0.0.0:${port}: a container reaches this machine as ${HOST_ALIAS}`,
    };
  }
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
};

/** Seconds that a program is given to open its port. */
export const YOUNG = 30;

/** Without a look at its ports, a refusal is all there is to go by. */
const refused = (evidence: Evidence): Finding => {
  const { listeners, container, inspected, elsewhere } = evidence;
  const port = portOf(evidence);
  const where = container === undefined ? hostOf(evidence) : `container ${container.name}`;
  const here = listeners?.filter((l) => l.port === port) ?? [];
  if (here.length > 0) return onWrongAddress(here, port, where);
  const served = elsewhere.find(({ verdict }) => verdict.ok);
  if (served !== undefined) return onOtherPort(evidence, served, where);
  if (listeners === undefined) {
    return {
      code: 'refused',
      cause: `${where} refuses the connection: nothing listens on port ${port}, or only on 127.0.0.1 inside the container`,
      remedy: `let the program listen on 0.0.0.0:${port} inside its container, or name the port that it does listen on`,
    };
  }
  const age = inspected?.runningFor;
  const others = listeners.length === 0 ? 'nothing listens in it on any port' : `it listens on ${listOf(listeners)}`;
  if (age !== undefined && age < YOUNG) {
    const before = inspected?.restartCount ? `, after ${plural(inspected.restartCount, 'restart')}` : '';
    return {
      code: 'starting',
      cause: `${where} started ${age} s ago${before}, and nothing in it listens on port ${port} yet (${others})`,
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

const listOf = (listeners: readonly Listener[]): string =>
  listeners.map(({ port, on }) => (on === 'loopback' ? `${port} (on 127.0.0.1 only)` : `${port}`)).join(', ');

const onWrongAddress = (here: readonly Listener[], port: number, where: string): Finding => {
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

const onOtherPort = (evidence: Evidence, found: Elsewhere, where: string): Finding => {
  const { metrics_path } = found.endpoint;
  const count = found.verdict.ok ? plural(found.verdict.metrics, 'metric') : 'metrics';
  const isSamePath = metrics_path === evidence.endpoint.metrics_path;
  return {
    code: 'wrong-port',
    cause: `nothing in ${where} listens on port ${portOf(evidence)}; port ${portOf(found)} serves ${count} at ${metrics_path}`,
    remedy: correct(evidence, { port: portOf(found), metrics_path: isSamePath ? undefined : metrics_path }),
  };
};

/** Silence of a port on which something listens, or may; `undefined` where it is known that nothing does. */
const silent = (evidence: Evidence): Finding | undefined => {
  const { refusal, container, error, listeners } = evidence;
  const port = portOf(evidence);
  const isOpen = listeners?.some((l) => l.port === port);
  if (isOpen === false) return undefined;
  const where = container === undefined ? evidence.endpoint.address : `container ${container.name}`;
  if (container !== undefined && evidence.standing === 'found' && refusal?.code === 'timeout') {
    return {
      code: 'timeout',
      cause: `${where} ${refusal.reason} on port ${port}, and detection does not wait longer`,
      remedy: `see what keeps the program busy (\`docker logs ${container.name}\`); where it needs that long, Prometheus itself waits for 10 s: ${asTarget(evidence)}`,
    };
  }
  if (startsToAnswer(evidence)) {
    return {
      code: 'timeout',
      cause: `${where} starts to answer on port ${port} and does not end in time`,
      remedy:
        'let the program end its answer (an answer is not a stream), serve fewer series or compute them faster; or raise `scrape_timeout` and `scrape_interval`',
    };
  }
  if ([refusal?.code, readScrapeError(error)?.kind].includes('unreachable')) {
    return {
      code: 'unreachable',
      cause: `${evidence.endpoint.address} cannot be reached over the network`,
      remedy: 'check the address, and that the machine or container behind it is running',
    };
  }
  const isSlow = isOpen === true && evidence.origin !== 'exporter';
  const moreTime = `; if it needs so long, give it more time: ${inScrapeConfigs(evidence, { scrape_interval: '30s', scrape_timeout: '20s' })}`;
  return {
    code: 'timeout',
    cause: `${where} ${isOpen ? `accepts the connection on port ${port} and does not answer` : `does not answer on port ${port}`} in time`,
    remedy:
      container === undefined
        ? 'check the address, that the port serves HTTP, and that no firewall is between it and the container of Prometheus'
        : `check that the port serves HTTP, and what keeps the program busy (\`docker logs ${container.name}\`)${isSlow ? moreTime : ''}`,
  };
};
