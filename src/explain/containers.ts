import type { Container, Engine } from '../docker/engine.ts';
import type { Inspected, Listener } from './evidence.ts';

/** Lines of a log that are read to find the last one that says something. */
const LOG_LINES = 20;

/** Seconds since the last start or end within which a container that was restarted keeps restarting. */
const LOOP_SECONDS = 3;

/** Inspects a container and reads the end of its log; `undefined` where it is gone by now. `now`: by the engine's clock. */
export const inspect = async (engine: Engine, { id }: Container, now = Date.now()): Promise<Inspected | undefined> => {
  const [detail, log] = await Promise.all([
    engine.inspectContainer(id),
    // Some log drivers cannot be read, which costs the line and nothing else.
    engine.logs(id, LOG_LINES).catch((): string[] => []),
  ]);
  if (detail === undefined) return undefined;
  const since = (time: string): number => Math.max(0, Math.round((now - Date.parse(time)) / 1000));
  const { state, restartCount, startedAt, finishedAt, networkMode } = detail;
  const ownerId = /^container:(.+)$/.exec(networkMode)?.[1];
  const owner = ownerId === undefined ? undefined : await engine.inspectContainer(ownerId);
  // Between two starts Docker calls it "restarting", and Podman 5.8 "exited"; both call it "running" until it ends again.
  const isLoop =
    (state === 'exited' && restartCount > 0 && since(finishedAt) <= LOOP_SECONDS) ||
    (state === 'running' && restartCount > 1 && since(startedAt) <= LOOP_SECONDS);
  return {
    ...detail,
    state: isLoop ? 'restarting' : state,
    leftBy: owner && Date.parse(owner.startedAt) > Date.parse(startedAt) ? owner.name : undefined,
    runningFor: state === 'running' && Number.isFinite(since(startedAt)) ? since(startedAt) : undefined,
    lastLine: log.findLast((line) => line.trim() !== '')?.trim(),
  };
};

/** Runs a command beside a container whose image cannot; `undefined` where that fails. */
export type Beside = (container: string, command: readonly string[]) => Promise<string | undefined>;

/** Ports of a container on which something listens; it is asked itself, and where its image has no `cat`, `beside` it. */
export const listenersOf = async (
  engine: Engine,
  { id }: Container,
  beside?: Beside,
): Promise<Listener[] | undefined> => {
  const command = ['cat', '/proc/net/tcp', '/proc/net/tcp6'];
  // Without IPv6 there is no second table, and `cat` fails for that alone.
  const own = await engine.exec(id, command, { timeoutMs: 10_000 }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const text = own.includes('local_address') ? own : await beside?.(id, command);
  return text?.includes('local_address') ? readListeners(text) : undefined;
};

/** The engine's own name server inside a container's network. Source: moby's libnetwork, resolver.go. */
const ENGINE_DNS = '127.0.0.11';

/** A line of a socket in the state `TCP_LISTEN` (`0A`) of the kernel's include/net/tcp_states.h. */
const LISTENING = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /;

/**
 * Who listens, by `/proc/net/tcp` and `/proc/net/tcp6` one behind the other. Pure; lines that are none are passed over.
 * Source: the kernel's Documentation/networking/proc_net_tcp.rst; addresses are 32-bit words in the machine's byte order,
 * which is little-endian on all that Docker runs on but s390x.
 */
export const readListeners = (text: string): Listener[] => {
  const found = new Map<string, Listener>();
  for (const line of text.split('\n')) {
    const [, address = '', port = ''] = LISTENING.exec(line) ?? [];
    const listener = address === '' ? undefined : listenerOf(address, Number.parseInt(port, 16));
    if (listener !== undefined) found.set(JSON.stringify(listener), listener);
  }
  const all = [...found.values()];
  const onAny = new Set(all.filter((l) => l.on === 'any').map((l) => l.port));
  return all.filter((l) => l.on !== 'any-ipv6' || !onAny.has(l.port)).sort((a, b) => a.port - b.port);
};

const listenerOf = (hex: string, port: number): Listener | undefined => {
  const bytes = Buffer.from(hex, 'hex').swap32();
  const isV4 = bytes.length === 4 || /^0{20}ffff/.test(bytes.toString('hex'));
  if (bytes.every((byte) => byte === 0)) return { port, on: bytes.length === 4 ? 'any' : 'any-ipv6' };
  if (!isV4) {
    const text = bytes.toString('hex');
    if (/^0*1$/.test(text)) return { port, on: 'loopback' };
    return { port, on: { address: `[${(text.match(/.{4}/g) ?? []).join(':')}]` } };
  }
  const address = bytes.subarray(-4).join('.');
  if (address === ENGINE_DNS) return undefined;
  return { port, on: address.startsWith('127.') ? 'loopback' : { address } };
};
