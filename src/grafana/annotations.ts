import { isRecord, textOf } from '../json.ts';
import { type Connection, change, list } from './ask.ts';

/** A mark on the time axis; spelled as in Grafana's API. */
export interface GrafanaAnnotation {
  /** Unix milliseconds. */
  time: number;
  text: string;
  tags: string[];
}

export interface AnnotationCalls {
  /** Those with all of `tags` between two times (Unix milliseconds). */
  findAnnotations(search: { tags: readonly string[]; from: number; to: number }): Promise<GrafanaAnnotation[]>;
  createAnnotation(annotation: GrafanaAnnotation): Promise<void>;
}

/** What is found is compared with what is to be written: a short answer would write some of it twice. */
const LIMIT = 10_000;

export const annotationCalls = (connection: Connection): AnnotationCalls => ({
  findAnnotations({ tags, from, to }) {
    const query = new URLSearchParams({ from: `${from}`, to: `${to}`, limit: `${LIMIT}`, type: 'annotation' });
    for (const tag of tags) query.append('tags', tag);
    return list(connection, 'list its annotations', `/api/annotations?${query}`, toAnnotation);
  },

  async createAnnotation(annotation) {
    await change(connection, `add the annotation "${annotation.text}"`, 'POST', '/api/annotations', annotation);
  },
});

function toAnnotation(answer: unknown): GrafanaAnnotation | undefined {
  if (!isRecord(answer) || typeof answer.time !== 'number') return undefined;
  const tags = Array.isArray(answer.tags) ? answer.tags.filter((tag) => typeof tag === 'string') : [];
  return { time: answer.time, text: textOf(answer, 'text'), tags };
}
