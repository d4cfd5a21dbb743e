import { describe, expect, it } from 'vitest';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { awaitFirstScrapes } from '../../../src/explain/first-scrapes.ts';
import { toTarget } from '../../../src/prometheus/answers.ts';
import { sessionOn } from '../../../src/stack/session.ts';
import { depsIn } from '../../support/deps.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

/** One look at Prometheus's list: a target's health, and the minute of its last scrape. */
type Look = readonly [health: string, minute?: number];

const EVENTS = { job: 'events', instance: 'events:9100', metrics_path: '/metrics' };

/** A session with a Prometheus that lists the target so, look by look; the last one stays. */
const sessionSeeing = (...looks: readonly Look[]) => {
  const lists = { targets: [], exporters: [], scrape_configs: [], dashboards: [] };
  const config = { ...defaultsFor('shop'), ...lists, scrape_interval: '1s' };
  const loaded = { config, path: '/monitor.yml', text: '' };
  const session = sessionOn(depsIn('/'), loaded, fakeEngine());
  let count = 0;
  const targets = async () => {
    const [health, minute] = looks[Math.min(count++, looks.length - 1)] ?? ['unknown'];
    const lastScrape = minute === undefined ? undefined : `2026-01-01T00:0${minute}:00Z`;
    const labels = { job: EVENTS.job, instance: EVENTS.instance };
    return [toTarget({ labels, scrapeUrl: 'http://events:9100/metrics', health, lastScrape, lastError: '' })];
  };
  return { session: { ...session, prometheus: { ...session.prometheus, targets } }, looks: () => count };
};

const SOON = 60_000;

describe('the first scrapes', () => {
  const healthAfter = async (timeoutMs: number, ...seen: readonly Look[]) => {
    const { session, looks } = sessionSeeing(...seen);
    const active = await awaitFirstScrapes(session, [EVENTS], Date.now() + timeoutMs);
    return [active[0]?.health, looks()];
  };

  it('are waited for', async () => {
    expect(await healthAfter(SOON, ['unknown'], ['unknown'], ['up', 1])).toEqual(['up', 3]);
  });

  it('are not waited for where the target is up', async () => {
    expect(await healthAfter(SOON, ['up', 1])).toEqual(['up', 1]);
  });

  it('are followed by one more of a target that is down, since it may have come up', async () => {
    expect(await healthAfter(SOON, ['down', 1], ['down', 1], ['up', 2])).toEqual(['up', 3]);
    expect(await healthAfter(SOON, ['down', 1], ['down', 2], ['up', 3])).toEqual(['down', 2]);
  });

  it('are waited for no longer than the deadline', async () => {
    expect(await healthAfter(0, ['down', 1])).toEqual(['down', 1]);
  });
});
