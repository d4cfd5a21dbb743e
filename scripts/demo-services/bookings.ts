import { setTimeout as sleep } from 'node:timers/promises';
import { Counter, Histogram } from 'prom-client';
import { type Answer, notFound, serve } from './api.ts';
import { CATALOGUE, type Event } from './catalogue.ts';

/** The service that books seats, `POST /bookings {"eventID": "1", "seats": 2}`, and a few customers who never stop. */

const EVENTS_URL = process.env['EVENTS_URL'] ?? 'http://events:8181';
const LOOKUP_TIMEOUT_MS = 2000;
/** Between two bookings, on average. */
const PAUSE_MS = 1000;
const ROUTE = '/bookings';

const bookings = new Counter({
  name: 'myevents_bookings_count',
  help: 'Bookings made',
  labelNames: ['eventID', 'eventName'],
});
const seatsPerBooking = new Histogram({
  name: 'myevents_seats_per_booking',
  help: 'Seats in one booking',
  buckets: [1, 2, 3, 4],
});
const failures = new Counter({
  name: 'myevents_booking_failures_total',
  help: 'Bookings that were not made, by reason',
  labelNames: ['reason'],
});

/** The event by its id, from the service that knows; undefined where there is none. */
const lookUp = async (id: string): Promise<Pick<Event, 'name'> | undefined> => {
  const url = `${EVENTS_URL}/events/${encodeURIComponent(id)}`;
  const response = await fetch(url, { signal: AbortSignal.timeout(LOOKUP_TIMEOUT_MS) });
  if (response.status === 404) return undefined;
  const event: unknown = await response.json();
  if (typeof event !== 'object' || event === null || !('name' in event)) throw new Error(`${url} gave no event`);
  return { name: String(event.name) };
};

const book = async (eventID: string, seats: number): Promise<Answer> => {
  try {
    const event = await lookUp(eventID);
    if (event === undefined) {
      failures.inc({ reason: 'no such event' });
      return notFound(`there is no event ${eventID}`, ROUTE);
    }
    bookings.inc({ eventID, eventName: event.name });
    seatsPerBooking.observe(seats);
    return { route: ROUTE, code: 201, body: { eventID, eventName: event.name, seats } };
  } catch (error) {
    failures.inc({ reason: 'events does not answer' });
    const message = error instanceof Error ? error.message : String(error);
    return { route: ROUTE, code: 502, body: { error: `events does not answer: ${message}` } };
  }
};

const wanted = (body: string): { eventID: string; seats: number } | undefined => {
  try {
    const { eventID, seats } = JSON.parse(body);
    return typeof eventID === 'string' && [1, 2, 3, 4].includes(seats) ? { eventID, seats } : undefined;
  } catch {
    return undefined;
  }
};

serve('bookings', (method, path, body) => {
  if (method !== 'POST' || path !== ROUTE) return notFound(`there is POST ${ROUTE}`);
  const booking = wanted(body);
  return booking === undefined
    ? { route: ROUTE, code: 400, body: { error: 'send {"eventID": "1", "seats": 2}, with 1 to 4 seats' } }
    : book(booking.eventID, booking.seats);
});

const hat = CATALOGUE.flatMap(({ id, popularity }) => Array<string>(popularity).fill(id));
const oneOf = <T>(items: readonly T[], otherwise: T): T => items[Math.floor(Math.random() * items.length)] ?? otherwise;

for (;;) {
  await book(oneOf(hat, '1'), oneOf([1, 2, 2, 2, 3, 4], 2));
  await sleep(PAUSE_MS * (0.5 + Math.random()));
}
