import { expect, test } from 'vitest';
import { lostByLog, nothingKept } from '../../../src/explain/lost.ts';
import type { TargetRow } from '../../../src/output/report.ts';
import { readLog } from '../../../src/prometheus/log.ts';

const row = (changes: Partial<TargetRow> = {}): TargetRow => ({
  job: 'web',
  instance: 'web:1',
  url: 'http://web:1/metrics',
  health: 'up',
  lastScrape: '2026-11-26T01:42:22.560412345Z',
  ...changes,
});

test.each([
  [
    '3.5.3',
    'time=2026-11-26T01:42:22.561Z level=WARN source=scrape.go:1909 msg="Error on ingesting samples that are too old or are too far into the future" component="scrape manager" scrape_pool=web target=http://web:1/metrics num_dropped=2',
    { outOfBounds: 2 },
  ],
  [
    '2.42.0',
    'ts=2026-11-26T01:42:24.201Z caller=scrape.go:1694 level=warn component="scrape manager" scrape_pool=web target=http://web:1/metrics msg="Error on ingesting out-of-order samples" num_dropped=1',
    { outOfOrder: 1 },
  ],
])('what Prometheus %s dropped of the last scrape is in its log', (_, line, lost) => {
  const own = row();
  const later = row({ lastScrape: '2026-11-26T01:43:00Z' });
  const others = [row({ job: 'other' }), row({ url: 'http://web:2/metrics' }), row({ health: 'down' }), later];
  expect([...lostByLog([...others, own], readLog([line]))]).toEqual([[own, lost]]);
});

test('what keeps no samples has none, or drops them all', () => {
  const [none, all, down] = [row(), row({ instance: 'all:1' }), row({ instance: 'down:1', health: 'down' })];
  const series = [none, all, down].map(({ job, instance }) => ({ labels: { job, instance } }));
  const values = ['0', '7', '0'].map((value, n) => ({ labels: {}, ...series[n], samples: [[0, value] as const] }));
  expect([...nothingKept([none, all, down], values)]).toEqual([
    [none, { empty: true }],
    [all, { relabelled: 7 }],
  ]);
});
