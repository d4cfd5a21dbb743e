import { expect, it } from 'vitest';
import { stillDetected } from '../../../src/commands/remove-target.ts';
import type { ScrapeTarget } from '../../../src/detect/types.ts';

const target = (instance: string, origin: ScrapeTarget['origin']): ScrapeTarget => ({
  job: 'shop',
  address: instance,
  instance,
  metrics_path: '/metrics',
  scheme: 'http',
  labels: {},
  origin,
});

it('a target that is taken out of monitor.yml and still scraped, since detection finds it, is named', () => {
  const targets = [target('events:9100', 'detected'), target('orders:9100', 'config')];
  expect(stillDetected('events:9100', targets)).toEqual([
    expect.stringMatching(/events:9100 is still scraped.*job shop/),
  ]);
  expect(stillDetected('orders:9100', targets)).toEqual([]);
});
