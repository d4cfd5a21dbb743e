import { accepted, type Connection } from './ask.ts';
import { isObject, textOf } from './json.ts';

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

export function annotationCalls({ ask, unexpected }: Connection): AnnotationCalls {
  return {
    async findAnnotations({ tags, from, to }) {
      const what = 'list its annotations';
      const query = new URLSearchParams({ from: `${from}`, to: `${to}`, limit: `${LIMIT}`, type: 'annotation' });
      for (const tag of tags) query.append('tags', tag);
      const response = await ask(what, 'GET', `/api/annotations?${query}`);
      const answer = accepted(what, response);
      const found = Array.isArray(answer) ? answer.map(toAnnotation) : [undefined];
      if (!found.every((one) => one !== undefined)) throw unexpected(what, response);
      return found;
    },

    async createAnnotation(annotation) {
      const what = `add the annotation "${annotation.text}"`;
      accepted(what, await ask(what, 'POST', '/api/annotations', { body: annotation }));
    },
  };
}

function toAnnotation(answer: unknown): GrafanaAnnotation | undefined {
  if (!isObject(answer) || typeof answer.time !== 'number') return undefined;
  const tags = Array.isArray(answer.tags) ? answer.tags.filter((tag) => typeof tag === 'string') : [];
  return { time: answer.time, text: textOf(answer, 'text'), tags };
}
