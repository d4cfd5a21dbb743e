import { type EngineEvent, shortId } from '../docker/engine.ts';
import type { GrafanaAnnotation } from './annotations.ts';
import type { GrafanaClient } from './client.ts';

/** Every annotation of this program has it; the generated dashboards show those with it and the stack's name. */
const MARK_TAG = 'monitor';

/** A `die` within this time of a signal was asked for; milliseconds. A stop waits that long at most for most programs. */
const STOPPING_MS = 15_000;
const ENDING_SIGNALS: ReadonlySet<string> = new Set(['2', '3', '9', '15', 'SIGINT', 'SIGQUIT', 'SIGKILL', 'SIGTERM']);

/**
 * Reads the engine's events in their order and says of each what to mark: started, started with another image, stopped,
 * ended with a code, killed for memory. It remembers what came before: a program that ends tells neither that it was
 * stopped nor that its memory was short. Source: Docker's `kill`, `oom`, `die` and `start` events and their attributes.
 */
export function markReader(stack: {
  name: string;
  /** The jobs that a container is scraped as; none: what happens to it is not marked. */
  jobsOf: (container: string) => readonly string[];
}): (event: EngineEvent) => GrafanaAnnotation | undefined {
  const signalled = new Map<string, number>();
  const shortOfMemory = new Set<string>();
  const images = new Map<string, string>();

  const textOf = ({ action, id, attributes, time }: EngineEvent): string | undefined => {
    const { name = '', image = '', exitCode = '', signal = '' } = attributes;
    if (action === 'kill' && ENDING_SIGNALS.has(signal)) signalled.set(id, time);
    if (action === 'oom') shortOfMemory.add(id);
    if (action === 'start') {
      const before = images.get(name);
      images.set(name, image);
      return before !== undefined && before !== image
        ? `${name} started with the image ${image}, before ${before}`
        : `${name} started`;
    }
    if (action !== 'die') return undefined;
    images.set(name, image);
    if (shortOfMemory.delete(id)) return `${name} was killed: out of memory`;
    const since = time - (signalled.get(id) ?? Number.NEGATIVE_INFINITY);
    signalled.delete(id);
    return since <= STOPPING_MS ? `${name} stopped` : `${name} exited with code ${exitCode}`;
  };

  return (event) => {
    if (event.type !== 'container') return undefined;
    const text = textOf(event);
    const { name = '' } = event.attributes;
    const jobs = stack.jobsOf(name);
    if (text === undefined || jobs.length === 0) return undefined;
    const tags = [MARK_TAG, stack.name, `container:${name}`, ...jobs.map((job) => `job:${job}`), eventTag(event)];
    return { time: event.time, text, tags: [...new Set(tags)] };
  };
}

/** The same for the same event, however often it is read. With one colon: Grafana drops what follows a second one. */
const eventTag = ({ id, action, time }: EngineEvent): string => `event:${shortId(id)}-${action}-${time}`;

const eventTagOf = ({ tags }: GrafanaAnnotation): string => tags.find((tag) => tag.startsWith('event:')) ?? '';

/** Writes those that Grafana does not have yet, and returns them. Fails as the client does, with some of them written. */
export async function writeMarks(
  client: Pick<GrafanaClient, 'findAnnotations' | 'createAnnotation'>,
  marks: readonly GrafanaAnnotation[],
): Promise<GrafanaAnnotation[]> {
  if (marks.length === 0) return [];
  const times = marks.map(({ time }) => time);
  const search = { tags: [MARK_TAG], from: Math.min(...times), to: Math.max(...times) };
  const known = new Set((await client.findAnnotations(search)).map(eventTagOf));
  const written: GrafanaAnnotation[] = [];
  for (const mark of marks) {
    if (known.has(eventTagOf(mark))) continue;
    known.add(eventTagOf(mark));
    await client.createAnnotation(mark);
    written.push(mark);
  }
  return written;
}
