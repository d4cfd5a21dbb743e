import { type Call, engineLost } from './call.ts';
import type { Endpoint, Engine, EngineEvent, LineHandler } from './engine.ts';
import { asStream } from './exec.ts';
import { splitLines, splitLog } from './lines.ts';
import { toEvent } from './mapping.ts';
import { shown } from './refusals.ts';

/** `exec_*` and `health_status` come every few seconds for each container with a health check; not used here. */
const EVENTS = ['start', 'kill', 'die', 'destroy', 'remove', 'rename', 'pause', 'unpause', 'connect', 'disconnect'];

/** The calls whose answers are streams: these have a deadline only until the engine begins to answer. */
export function streamCalls(call: Call, endpoint: Endpoint) {
  return {
    logs: async (id, tail) => {
      const options = { stdout: true, stderr: true, tail };
      const doing = `reading the log of container ${shown(id)}`;
      const bytes = await call(doing, ({ docker }) => docker.getContainer(id).logs(options));
      const lines: string[] = [];
      const log = splitLog((line) => lines.push(line));
      log.write(bytes);
      log.end();
      return lines;
    },
    followLogs: (id, tail, onLine, signal) => untilAborted(signal, followLogs(call, id, tail, onLine, signal)),
    events: (onEvent, signal, onOpen) => untilAborted(signal, watch(call, endpoint, onEvent, signal, onOpen)),
    pastEvents: (id) => pastEvents(call, id),
    execStream: (id, command) => {
      const options = { Cmd: [...command], AttachStdin: true, AttachStdout: true, AttachStderr: true };
      const doing = `running ${command[0]} in container ${shown(id)}`;
      return call(doing, async ({ docker }) => {
        const created = await docker.getContainer(id).exec(options);
        return asStream(await created.start({ hijack: true, stdin: true }));
      });
    },
  } satisfies Partial<Engine>;
}

function followLogs(call: Call, id: string, tail: number | 'all', onLine: LineHandler, signal: AbortSignal) {
  const options = { stdout: true, stderr: true, follow: true as const, ...(tail !== 'all' && { tail }) };
  return call(
    `following the log of container ${shown(id)}`,
    async ({ docker, streams }) => {
      const answer = await docker.getContainer(id).logs(options);
      streams();
      const log = splitLog(onLine);
      for await (const chunk of answer) log.write(Buffer.from(chunk));
      log.end();
    },
    { signal },
  );
}

function watch(
  call: Call,
  endpoint: Endpoint,
  onEvent: (event: EngineEvent) => void,
  signal: AbortSignal,
  onOpen: (() => void) | undefined,
): Promise<void> {
  const doing = 'watching its events';
  return call(
    doing,
    async ({ docker, streams }) => {
      const answer = await docker.getEvents({ filters: { type: ['container', 'network'], event: EVENTS } });
      streams();
      onOpen?.();
      await readEvents(answer, onEvent);
      // It has no end of its own: the engine shuts down.
      throw engineLost('the stream of events ended', doing, endpoint);
    },
    { signal },
  );
}

/** Each event of a stream, one a line, until it ends. */
async function readEvents(answer: NodeJS.ReadableStream, onEvent: (event: EngineEvent) => void): Promise<void> {
  const lines = splitLines((line) => {
    const event = line.trim() && toEvent(JSON.parse(line));
    if (event) onEvent(event);
  });
  for await (const chunk of answer) lines.write(Buffer.from(chunk));
}

/** Podman reads its events from a file, and stops at `until` wherever it is then; milliseconds. */
const PODMAN_READS_MS = 200;

/** Podman's `info` has a field of its own. Source: pkg/api/handlers/types.go, `Info`. */
const isPodman = (info: object): boolean => 'BuildahVersion' in info;

/**
 * A stream of events up to now, at which the engine ends it: by the engine's own clock, since it keeps the stream open until
 * then.
 */
function pastEvents(call: Call, id?: string): Promise<EngineEvent[]> {
  const whose = id === undefined ? 'containers' : `container ${shown(id)}`;
  return call(`asking what happened to ${whose}`, async ({ docker }) => {
    const filters = { container: id === undefined ? [] : [id], event: ['start', 'kill', 'oom', 'die'] };
    const info = await docker.info();
    const until = Date.parse(info.SystemTime) + (isPodman(info) ? PODMAN_READS_MS : 0);
    const answer = await docker.getEvents({ since: 1, until: until / 1000, filters });
    const events: EngineEvent[] = [];
    await readEvents(answer, (event) => events.push(event));
    return events;
  });
}

/** These streams end by being aborted, which is not a failure. */
async function untilAborted(signal: AbortSignal, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
