import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../src/docker/engine.ts';
import { markReader, writeMarks } from '../../../src/grafana/marks.ts';
import { grafanaOf } from './harness.ts';

const NOW = Date.UTC(2026, 10, 25);
const event = (action: string, seconds: number, attributes: Record<string, string> = {}, id = 'a'): EngineEvent => ({
  ...{ type: 'container', action, id: id.repeat(64), time: NOW + seconds * 1000 },
  attributes: { name: 'web', image: 'web:1', ...attributes },
});

const read = (events: EngineEvent[], jobs = ['shop']) => {
  const reader = markReader({ name: 'demo', jobsOf: (name) => (name === 'web' ? jobs : []) });
  return events.map(reader).filter((mark) => mark !== undefined);
};
const texts = (...events: EngineEvent[]) => read(events).map(({ text }) => text);

describe('what happens to a container is marked', () => {
  it('with its stack, its name, its jobs and the event itself', () => {
    expect(read([event('start', 1)], ['shop', 'shop-admin'])).toEqual([
      {
        time: NOW + 1000,
        text: 'web started',
        tags: [
          'monitor',
          'demo',
          'container:web',
          'job:shop',
          'job:shop-admin',
          `event:aaaaaaaaaaaa-start-${NOW + 1000}`,
        ],
      },
    ]);
  });

  it.each([
    ['a stop', [event('kill', 1, { signal: '15' }), event('die', 2, { exitCode: '143' })], 'web stopped'],
    [
      'a stop that had to be forced',
      [event('kill', 1, { signal: '9' }), event('die', 2, { exitCode: '137' })],
      'web stopped',
    ],
    ['an end of its own', [event('die', 2, { exitCode: '1' })], 'web exited with code 1'],
    [
      'an end long after a signal',
      [event('kill', 1, { signal: '15' }), event('die', 60, { exitCode: '0' })],
      'web exited with code 0',
    ],
    [
      'an end after a reload',
      [event('kill', 1, { signal: '1' }), event('die', 2, { exitCode: '2' })],
      'web exited with code 2',
    ],
    ['too little memory', [event('oom', 1), event('die', 1, { exitCode: '137' })], 'web was killed: out of memory'],
  ])('%s', (_what, events, text) => {
    expect(texts(...events)).toEqual([text]);
  });

  it('with the image, where that is another one', () => {
    const again = event('start', 3, { image: 'web:2' }, 'b');
    expect(
      texts(event('start', 1), event('die', 2, { exitCode: '0' }), again, event('start', 4, { image: 'web:2' }, 'b')),
    ).toEqual([
      'web started',
      'web exited with code 0',
      'web started with the image web:2, before web:1',
      'web started',
    ]);
  });

  it('but not of containers that are not scraped, nor of networks', () => {
    expect(texts(event('start', 1, { name: 'other' }), { ...event('connect', 1), type: 'network' })).toEqual([]);
  });
});

it.each(['7.5.5', '9.4', '12.4.3', '13'] as const)('each is written once to Grafana %s', async (version) => {
  const { client, requests } = await grafanaOf(version);
  const marks = read([event('start', 1), event('kill', 2, { signal: '15' }), event('die', 3)]);
  expect(await writeMarks(client, marks)).toEqual(marks);
  expect(await writeMarks(client, [...marks, ...read([event('start', 5)])])).toEqual(read([event('start', 5)]));
  const found = await client.findAnnotations({ tags: ['monitor', 'job:shop'], from: NOW, to: NOW + 60_000 });
  expect(found.map(({ text }) => text)).toEqual(['web started', 'web stopped', 'web started']);
  requests.length = 0;
  expect(await writeMarks(client, [])).toEqual([]);
  expect(requests).toEqual([]);
});
