import { Counter } from 'prom-client';
import { notFound, serve } from './api.ts';
import { CATALOGUE } from './catalogue.ts';

/** The service that knows the events: `GET /events` and `GET /events/:id`. */

const lookups = new Counter({
  name: 'myevents_event_lookups_total',
  help: 'Events that were asked for by id, and whether there was one',
  labelNames: ['found'],
});

serve('events', (method, path) => {
  if (method === 'GET' && path === '/events') return { route: '/events', code: 200, body: CATALOGUE };
  const [, id] = /^\/events\/([^/]+)$/.exec(path) ?? [];
  if (method !== 'GET' || id === undefined) return notFound('there are GET /events and GET /events/:id');
  const event = CATALOGUE.find((one) => one.id === id);
  lookups.inc({ found: event === undefined ? 'no' : 'yes' });
  return event === undefined
    ? notFound(`there is no event ${id}`, '/events/:id')
    : { route: '/events/:id', code: 200, body: event };
});
