import { describe, expect, it } from 'vitest';
import { type AssembleInput, assemble, endpointKey } from '../../../src/detect/assemble.ts';
import type { Verdict } from '../../../src/detect/classify.ts';
import type { Surveyed } from '../../../src/detect/survey.ts';
import type { Candidate, ScrapeTarget } from '../../../src/detect/types.ts';
import { shortId } from '../../../src/docker/engine.ts';
import { container, port } from '../../support/containers.ts';

const GOOD: Verdict = { ok: true, format: 'text', metrics: 7, samples: 9 };
const REFUSED: Verdict = { ok: false, code: 'refused', reason: 'refuses the connection' };

const candidate = (name: string, changes: Partial<Candidate> = {}): Candidate => ({
  container: container(name),
  port: 9100,
  metrics_path: '/metrics',
  scheme: 'http',
  job: name,
  source: 'port',
  reason: 'exposes 9100',
  ...changes,
});

const surveyed = (name: string, changes: Partial<Candidate> = {}, verdict: Verdict | undefined = GOOD): Surveyed => ({
  candidate: candidate(name, changes),
  reach: { ok: true, host: name, network: 'app' },
  ...(verdict === undefined ? {} : { verdict }),
});

const assembled = (list: Surveyed[], changes: Partial<AssembleInput> = {}) =>
  assemble({
    recognized: { candidates: [], skipped: [], warnings: [] },
    surveyed: list,
    configured: [],
    takenJobs: [],
    scraped: new Set(),
    ...changes,
  });

const configured = (changes: Partial<ScrapeTarget>): ScrapeTarget => ({
  job: 'mine',
  address: 'web:9100',
  instance: 'web:9100',
  metrics_path: '/metrics',
  scheme: 'http',
  labels: {},
  origin: 'config',
  ...changes,
});

describe('what answered with metrics', () => {
  it('is a target under its container’s name, whatever is dialled', () => {
    const bridged: Surveyed = { ...surveyed('web'), reach: { ok: true, host: '172.17.0.5', network: 'bridge' } };
    expect(assembled([bridged])).toEqual({
      targets: [
        {
          job: 'web',
          address: '172.17.0.5:9100',
          instance: 'web:9100',
          metrics_path: '/metrics',
          scheme: 'http',
          labels: { container: 'web' },
          network: 'bridge',
          containerId: 'id-of-web',
          origin: 'detected',
        },
      ],
      rows: [
        {
          container: 'web',
          port: 9100,
          metrics_path: '/metrics',
          job: 'web',
          verdict: 'scraped',
          code: 'port',
          reason: 'exposes 9100',
          metrics: 7,
        },
      ],
      warnings: [],
    });
  });

  it('carries Compose’s names where Compose can have written them', () => {
    const of = (labels: Record<string, string>) =>
      assembled([surveyed('web', { container: container('web', { labels }) })]).targets[0]?.labels;
    const compose = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
    expect(of(compose)).toEqual({ compose_project: 'shop', compose_service: 'web', container: 'web' });
    expect(of({ 'com.docker.compose.project': 'a\nb', 'com.docker.compose.service': '' })).toEqual({
      container: 'web',
    });
  });

  it('comes in one order, however the engine lists it', () => {
    const list = [surveyed('b'), surveyed('a', { job: 'z' }), surveyed('a', { job: 'z', port: 80 })];
    const names = (input: Surveyed[]) => assembled(input).targets.map((t) => `${t.job} ${t.instance}`);
    expect(names(list)).toEqual(['b b:9100', 'z a:80', 'z a:9100']);
    expect(names([...list].reverse())).toEqual(names(list));
  });

  it('on two paths of one port has the path as a label', () => {
    const { targets } = assembled([surveyed('web', { metrics_path: '/b' }), surveyed('web', { metrics_path: '/a' })]);
    expect(targets.map((t) => t.labels['metrics_path'])).toEqual([undefined, '/b']);
  });

  it('under a wrong Content-Type has the fallback', () => {
    const list = [surveyed('web', {}, { ...GOOD, fallback: 'PrometheusText0.0.4' })];
    expect(assembled(list).targets).toMatchObject([{ fallback_scrape_protocol: 'PrometheusText0.0.4' }]);
  });

  it('gives way to jobs that are passed through, as often as it takes', () => {
    const jobOf = (takenJobs: string[]) => assembled([surveyed('web')], { takenJobs }).targets[0]?.job;
    expect(jobOf(['other'])).toBe('web');
    expect(jobOf(['web'])).toBe('web-detected');
    expect(jobOf(['web', 'web-detected'])).toBe('web-detected-detected');
  });
});

describe('what monitor.yml names', () => {
  it.each<[string, Partial<ScrapeTarget>, boolean]>([
    ['the container and the port', { containerId: 'id-of-web' }, true],
    ['the container under another address', { containerId: 'id-of-web', address: '172.17.0.5:9100' }, true],
    ['the port as this machine publishes it', { address: 'host.docker.internal:32768' }, true],
    ['another port', { containerId: 'id-of-web', address: 'web:9200' }, false],
    ['another path', { containerId: 'id-of-web', metrics_path: '/other' }, false],
    ['another container', { containerId: 'id-of-db', address: 'db:9100' }, false],
    ['another port of this machine', { address: 'host.docker.internal:9100' }, false],
  ])('%s: %o wins: %s', (_, changes, wins) => {
    const web = container('web', { ports: [port(9100, { publicPort: 32_768 })] });
    const { rows, targets } = assembled([surveyed('web', { container: web })], { configured: [configured(changes)] });
    expect(rows).toMatchObject([{ verdict: wins ? 'configured' : 'scraped', job: wins ? 'mine' : 'web' }]);
    expect(targets).toHaveLength(wins ? 0 : 1);
  });
});

describe('what did not answer with metrics', () => {
  it('is refused with its reason', () => {
    expect(assembled([surveyed('web', {}, REFUSED)])).toMatchObject({
      targets: [],
      rows: [{ container: 'web', port: 9100, verdict: 'refused', code: 'refused', reason: 'refuses the connection' }],
    });
  });

  it('because it is slow may be named, where a label asks for it', () => {
    const slow: Verdict = { ok: false, code: 'timeout', reason: 'does not answer within 2 s' };
    const reasons = (['label', 'port'] as const).map(
      (source) => assembled([surveyed('web', { source }, slow)]).rows[0],
    );
    expect(reasons.map((r) => r?.reason)).toEqual([
      'does not answer within 2 s; `monitor add-target web:9100` scrapes it anyway',
      'does not answer within 2 s',
    ]);
  });

  it('stays where that very container was scraped before, on that path', () => {
    const kept = assembled([surveyed('web', {}, REFUSED)], {
      scraped: new Set([endpointKey(shortId(container('web').id), 9100, '/metrics')]),
    });
    expect(kept.targets).toHaveLength(1);
    expect(kept.rows).toMatchObject(
      [{ verdict: 'scraped', code: 'refused', reason: /kept/ }].map((r) => ({
        ...r,
        reason: expect.stringMatching(r.reason),
      })),
    );
    const elsewhere = endpointKey(shortId(container('web').id), 9100, '/m');
    const another = endpointKey('0123456789ab', 9100, '/metrics');
    expect(assembled([surveyed('web', {}, REFUSED)], { scraped: new Set([elsewhere, another]) }).targets).toEqual([]);
  });

  it('because nothing leads there is refused with that', () => {
    const gone: Surveyed = {
      candidate: candidate('web'),
      reach: { ok: false, code: 'network-gone', reason: 'its network is gone' },
    };
    expect(assembled([gone]).rows).toMatchObject([{ verdict: 'refused', code: 'network-gone' }]);
  });
});

describe('without a shell to ask from', () => {
  const list = [surveyed('named', { source: 'label', reason: 'label x' }), surveyed('found')].map(
    ({ verdict: _, ...rest }) => rest,
  );

  it('a label is taken at its word, and nothing else; why is a warning', () => {
    const { targets, rows, warnings } = assembled(list, { unasked: 'no shell' });
    expect(targets.map((t) => t.instance)).toEqual(['named:9100']);
    expect(rows.map((r) => [r.container, r.verdict, r.reason])).toEqual([
      ['found', 'to-be-asked', 'exposes 9100'],
      ['named', 'scraped', 'label x, unasked'],
    ]);
    expect(warnings).toEqual(['no shell']);
  });

  it('because Prometheus does not run yet, all are still to be asked', () => {
    const { targets, rows } = assembled(list);
    expect(targets).toEqual([]);
    expect(rows.map((r) => r.verdict)).toEqual(['to-be-asked', 'to-be-asked']);
  });
});

it('who is not asked has a row beside the others, and labels that cannot be meant are warnings', () => {
  const web = container('web');
  const { rows, warnings } = assembled([surveyed('zoo')], {
    recognized: {
      candidates: [],
      skipped: [{ container: web, port: 5432, code: 'not-metrics-port', reason: 'port 5432 speaks PostgreSQL' }],
      warnings: [{ container: web, label: 'x', problem: 'no', message: 'container web, label x: no' }],
    },
  });
  expect(rows.map((r) => [r.container, r.port, r.verdict])).toEqual([
    ['web', 5432, 'skipped'],
    ['zoo', 9100, 'scraped'],
  ]);
  expect(warnings).toEqual(['container web, label x: no']);
});
