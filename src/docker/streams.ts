import { parseJson } from '../json.ts';
import { type Call, engineLost, onContainer } from './call.ts';
import type { Endpoint, Engine, EngineEvent, Greeting } from './engine.ts';
import { readInto, splitLines, splitLog } from './lines.ts';
import { toEvent } from './mapping.ts';
import { shown } from './refusals.ts';

/** `exec_*` and `health_status` come every few seconds for each container with a health check; not used here. */
const EVENTS = ['start', 'kill', 'die', 'destroy', 'remove', 'rename', 'pause', 'unpause', 'connect', 'disconnect'];

/** The calls whose answers are streams: these have a deadline only until the engine begins to answer. */
export function streamCalls(call: Call, endpoint: Endpoint, { isPodman, clockAhead }: Greeting) {
  const on = onContainer(call);
  return {
    logs: async (id, tail) => {
      const options = { stdout: true, stderr: true, ...(tail !== 'all' && { tail }) };
      const bytes = await on('reading the log of', id, (container) => container.logs(options));
      const lines: string[] = [];
      await readInto(
        splitLog((line) => lines.push(line)),
        [bytes],
      );
      return lines;
    },
    followLogs: (id, tail, onLine, signal) => {
      const options = { stdout: true, stderr: true, follow: true as const, ...(tail !== 'all' && { tail }) };
      const following = on(
        'following the log of',
        id,
        async (container, { streams }) => {
          const answer = await container.logs(options);
          streams();
          await readInto(splitLog(onLine), answer);
        },
        { signal },
      );
      return untilAborted(signal, following);
    },
    events: (onEvent, signal, onOpen) => {
      const doing = 'watching its events';
      const watching = call(
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
      return untilAborted(signal, watching);
    },
    pastEvents: (id) => pastEvents(call, Date.now() + clockAhead + (isPodman ? PODMAN_READS_MS : 0), id),
  } satisfies Partial<Engine>;
}

/** Each event of a stream, one a line, until it ends. */
async function readEvents(answer: NodeJS.ReadableStream, onEvent: (event: EngineEvent) => void): Promise<void> {
  const lines = splitLines((line) => {
    const event = toEvent(parseJson(line));
    if (event) onEvent(event);
  });
  await readInto(lines, answer);
}

/** Podman reads its events from a file, and stops at `until` wherever it is then; milliseconds. */
const PODMAN_READS_MS = 200;

/** A stream of events that the engine ends at `until`, which is now: by its own clock, since it keeps the stream open until then. */
function pastEvents(call: Call, until: number, id?: string): Promise<EngineEvent[]> {
  const whose = id === undefined ? 'containers' : `container ${shown(id)}`;
  return call(`asking what happened to ${whose}`, async ({ docker }) => {
    const filters = { container: id === undefined ? [] : [id], event: ['start', 'kill', 'oom', 'die'] };
    const answer = await docker.getEvents({ since: 1, until: until / 1000, filters });
    const events: EngineEvent[] = [];
    await readEvents(answer, (event) => events.push(event));
    return events;
  });
}

/** These streams end by being aborted, which is not a failure. */
const untilAborted = (signal: AbortSignal, work: Promise<void>): Promise<void> =>
  work.catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
