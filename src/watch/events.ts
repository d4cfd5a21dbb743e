import type { EngineEvent } from '../docker/engine.ts';
import { LABEL } from '../stack/labels.ts';
import { ends, isToldToEnd } from './ended.ts';

/** The last container of a network may be gone. */
export const mayDesert = (event: EngineEvent): boolean =>
  ends(event) || isToldToEnd(event) || (event.type === 'network' && event.action === 'disconnect');

/** The id of the container that it happened to. */
export const subjectOf = ({ type, id, attributes }: EngineEvent): string =>
  type === 'container' ? id : (attributes['container'] ?? '');

/** From one of these on, a Prometheus scrapes, or does not. */
const SCRAPES_OR_NOT: ReadonlySet<string> = new Set(['start', 'die', 'pause', 'unpause']);

/**
 * What the stack's own containers do with networks is our own doing; a start or an end of its Prometheus is news. A signal
 * that may or may not end a container is not. `own`: the ids of the stack's containers. Pure.
 */
export const whoseNews = (event: EngineEvent, own: ReadonlySet<string>): 'others' | 'stopping' | 'ours' | 'none' => {
  const { type, action, attributes } = event;
  if (isToldToEnd(event) && attributes[LABEL.stack] === undefined) return 'stopping';
  if (action === 'kill' && !ends(event)) return 'none';
  if (type === 'network') return own.has(subjectOf(event)) ? 'none' : 'others';
  if (attributes[LABEL.stack] === undefined) return 'others';
  return attributes[LABEL.role] === 'prometheus' && SCRAPES_OR_NOT.has(action) ? 'ours' : 'none';
};
