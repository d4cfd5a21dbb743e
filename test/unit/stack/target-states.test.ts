import { expect, it } from 'vitest';
import type { Verdict } from '../../../src/detect/classify.ts';
import type { ScrapeTarget } from '../../../src/detect/types.ts';
import type { ActiveTarget } from '../../../src/prometheus/client.ts';
import { answerKey, targetChanges, targetStates, withAnswers, withSamples } from '../../../src/stack/target-states.ts';

const target = (instance: string, more: Partial<ScrapeTarget> = {}): ScrapeTarget => ({
  job: 'j',
  address: instance,
  instance,
  metrics_path: '/metrics',
  scheme: 'http',
  labels: {},
  origin: 'config',
  ...more,
});

const active = (instance: string, more: Partial<ActiveTarget> = {}): ActiveTarget => ({
  job: 'j',
  instance,
  scrapeUrl: `http://${instance}/metrics`,
  scrapeInterval: '15s',
  health: 'up',
  lastError: '',
  lastScrape: '2026-01-02T03:04:05Z',
  lastScrapeDuration: 0.004,
  labels: { job: 'j', instance },
  discovered: {},
  ...more,
});

const unscraped = { health: 'unknown', lastScrape: undefined } as const;

it('a target that is not scraped yet shows what it answered, and when it is scraped first', () => {
  const targets = [target('new:1', { scrape_interval: '5s' }), target('listed:1'), target('silent:1'), target('up:1')];
  const good: Verdict = { ok: true, format: 'text', metrics: 2, samples: 7, seconds: 0.003 };
  const answers = new Map<string, Verdict>([
    ['j new:1 /metrics', good],
    ['j silent:1 /metrics', { ok: false, code: 'refused', reason: 'refuses' }],
    ['j up:1 /metrics', good],
  ]);
  const states = targetStates(targets, [active('listed:1', unscraped), active('up:1')], []);
  const [fresh, listed, silent, up] = withAnswers(states, targets, answers, { scrape_interval: '1m' });
  expect(fresh?.row).toMatchObject({
    health: 'pending',
    firstScrapeWithin: '5s',
    answer: { ok: true, metrics: 2, samples: 7, duration: 0.003 },
  });
  expect(listed?.row).toMatchObject({ health: 'pending', firstScrapeWithin: '15s', answer: undefined });
  expect(silent?.row).toMatchObject({ firstScrapeWithin: '1m', answer: { ok: false, code: 'refused' } });
  expect(up).toEqual(states[3]);
});

it('a server of the stack that is down and answers by now was scraped while it started', () => {
  const targets = [target('grafana:1', { origin: 'stack' }), target('app:1')];
  const good: Verdict = { ok: true, format: 'text', metrics: 2, samples: 7, seconds: 0.003 };
  const states = targetStates(
    targets,
    [active('grafana:1', { health: 'down' }), active('app:1', { health: 'down' })],
    [],
  );
  const answers = new Map(targets.map((one) => [answerKey(one), good]));
  const [grafana, app] = withAnswers(states, targets, answers, { scrape_interval: '15s' });
  expect(grafana?.row).toMatchObject({ health: 'down', code: 'starting' });
  expect(app).toEqual(states[1]);
});

it('a scraped target shows the samples of its last scrape', () => {
  const states = targetStates([target('up:1'), target('new:1')], [active('up:1'), active('new:1', unscraped)], []);
  const samples = states.map((state) => withSamples(state, ({ instance }) => (instance === 'up:1' ? 12 : 0)).samples);
  expect(samples).toEqual([12, undefined]);
});

it('targets come where Prometheus does not have them, by their path too, and go where monitor.yml has them no longer', () => {
  const targets = [target('same:1'), target('same:1', { metrics_path: '/other' })];
  const changes = targetChanges(
    targets,
    { loaded: undefined, targets: [active('same:1'), active('gone:1'), active('passed:1', { job: 'passed' })] },
    [{ job_name: 'passed' }],
  );
  expect(changes.map(({ change, ...of }) => `${change} ${answerKey(of)}`)).toEqual([
    'add j same:1 /other',
    'remove j gone:1 /metrics',
  ]);
});

it('a target that Prometheus has loaded and does not list yet has come already', () => {
  const loaded = 'scrape_configs: [{job_name: j, static_configs: [{targets: ["same:1", "gone:1"]}]}]';
  const changes = targetChanges([target('same:1')], { loaded, targets: [] }, []);
  expect(changes.map(({ change, ...of }) => `${change} ${answerKey(of)}`)).toEqual(['remove j gone:1 /metrics']);
});
