import type { ScrapeTarget } from '../detect/types.ts';
import type { Container, Engine, EngineEvent } from '../docker/engine.ts';
import { EngineError } from '../docker/engine.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import { markReader, writeMarks } from '../grafana/marks.ts';

/** The jobs that containers are scraped as, by the container's name; the stack's own are not among them. */
export type ScrapedContainers = ReadonlyMap<string, readonly string[]>;

export const scrapedContainers = (
  targets: readonly ScrapeTarget[],
  containers: readonly Container[],
): ScrapedContainers => {
  const names = new Map(containers.map(({ id, name }) => [id, name]));
  const jobs = new Map<string, string[]>();
  for (const { containerId = '', job, origin } of targets) {
    const name = origin === 'stack' ? undefined : names.get(containerId);
    if (name !== undefined) jobs.set(name, [...new Set([...(jobs.get(name) ?? []), job])]);
  }
  return jobs;
};

/** What happened to containers, as far as the engine remembers it; nothing where it does not tell. */
export const whatHappened = (engine: Pick<Engine, 'pastEvents'>): Promise<EngineEvent[]> =>
  engine.pastEvents().catch((error: unknown) => {
    if (error instanceof EngineError) return [];
    throw error;
  });

/** Marks it on Grafana's dashboards, once each. Fails as the client does. */
export const markInGrafana = async (
  client: Pick<GrafanaClient, 'findAnnotations' | 'createAnnotation'>,
  stack: string,
  events: readonly EngineEvent[],
  containers: ScrapedContainers,
): Promise<void> => {
  const read = markReader({ name: stack, jobsOf: (container) => containers.get(container) ?? [] });
  await writeMarks(
    client,
    events.flatMap((event) => read(event) ?? []),
  );
};
