import { json, notKnown } from '../answer.ts';
import { type Route, route } from '../router.ts';

/** A server without further panel plugins; those it brings itself are not all in its list either. Source: pkg/api/plugins.go. */
export const pluginRoutes: readonly Route[] = [
  route('GET', '/api/plugins', (_context, { query }) =>
    query.get('type') === 'panel' ? json(200, []) : notKnown('this list of plugins'),
  ),
];
