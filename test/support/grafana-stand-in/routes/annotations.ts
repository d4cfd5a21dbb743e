import { type Answer, failure, json, notKnown } from '../answer.ts';
import { bind } from '../binding.ts';
import { type JsonObject, numberAt, stringAt } from '../json.ts';
import { type Call, type Context, type Route, route } from '../router.ts';
import { nextId, type StoredAnnotation } from '../state.ts';

/** Source: grafana/grafana pkg/api/annotations.go, pkg/services/annotations/annotationsimpl/xorm_store.go. */
export const annotationRoutes: readonly Route[] = [
  route('GET', '/api/annotations', list),
  route('POST', '/api/annotations', create),
];

const defaultLimit = 100;
const knownParameters = new Set(['tags', 'from', 'to', 'limit', 'type']);

/** Newest first. A search by several tags finds what has all of them. */
function list({ store }: Context, { query }: Call): Answer {
  const unknown = [...query.keys()].find((key) => !knownParameters.has(key));
  if (unknown) return notKnown(`annotations by ${unknown}`);
  const [from, to] = [Number(query.get('from') ?? 0), Number(query.get('to') ?? 0)];
  const tags = query.getAll('tags').map(tagAsStored);
  const found = store
    .read()
    .annotations.filter((one) => tags.every((tag) => one.tags.includes(tag)))
    .filter((one) => !(from > 0 && to > 0) || (one.time <= to && one.timeEnd >= from))
    .sort((a, b) => b.timeEnd - a.timeEnd);
  return json(200, found.slice(0, Number(query.get('limit')) || defaultLimit).map(view));
}

async function create(context: Context, call: Call): Promise<Answer> {
  const { profile, store, now } = context;
  const bound = bind(profile, await call.readBody(), []);
  if (bound.kind === 'refused') return bound.answer;
  const { value } = bound;
  const text = stringAt(value, 'text');
  if (!text) return failure(profile, 400, 'Failed to save annotation');
  if (value.dashboardId || value.dashboardUID || value.panelId) return notKnown('an annotation of one dashboard');
  const tags = Array.isArray(value.tags) ? value.tags.filter((tag) => typeof tag === 'string').map(tagAsStored) : [];
  return store.change((state) => {
    const id = nextId(state, 'annotation');
    const time = numberAt(value, 'time') || now();
    state.annotations.push({ id, time, timeEnd: numberAt(value, 'timeEnd') || time, created: now(), text, tags });
    return json(200, { id, message: 'Annotation added' });
  });
}

/** `key:value:more` loses what follows the second colon. Source: grafana/grafana pkg/services/tag/model.go. */
function tagAsStored(tag: string): string {
  return tag
    .split(':', 2)
    .map((part) => part.trim())
    .join(':');
}

function view({ id, time, timeEnd, created, text, tags }: StoredAnnotation): JsonObject {
  return { id, userId: 1, created, updated: created, time, timeEnd, text, tags, login: 'admin', data: {} };
}
