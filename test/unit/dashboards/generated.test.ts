import { describe, expect, it } from 'vitest';
import { generatedDashboards, withSamples } from '../../../src/dashboards/generated.ts';
import type { Dashboard } from '../../../src/dashboards/model.ts';
import { MonitorError } from '../../../src/errors.ts';
import type { QueryResult } from '../../../src/prometheus/answers.ts';
import { familiesIn } from '../../support/exposition-samples.ts';

type Answer = QueryResult['series'][number];

const number = (value: string): Answer => ({ labels: {}, samples: [[0, value]] });

/** A Prometheus that has answers to some queries; asked for several at once, it says which of them have numbers. */
const prometheusWith = (answers: Readonly<Record<string, Answer>>) => {
  const asked: string[] = [];
  const result = (series: Answer[]): QueryResult => ({ type: 'vector', series, warnings: [], infos: [] });
  const query = async (expression: string): Promise<QueryResult> => {
    asked.push(expression);
    if (expression.includes('WRONG')) throw new MonitorError({ code: 'wrong-expression', message: 'parse error' });
    const parts = [
      ...expression.matchAll(/count\(\((.*?)\) >= -Inf or histogram_count\(\1\)\), "query_number", "(\d+)"/g),
    ];
    if (parts.length === 0) return result(answers[expression] === undefined ? [] : [answers[expression]]);
    return result(
      parts.flatMap(([, part = '', i = '']) => {
        const { samples, histograms } = answers[part] ?? { samples: [] };
        const value = histograms === undefined ? samples[0]?.[1] : '1';
        return value === undefined || value === 'NaN' ? [] : [{ labels: { query_number: i }, samples: [[0, '1']] }];
      }),
    );
  };
  return { asked, prometheus: { query } };
};

const queriesOf = ({ panels }: Dashboard): string[] =>
  panels
    .flatMap((panel) => (panel.type === 'row' ? panel.panels : [panel]))
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

describe('which queries have samples', () => {
  it('many are asked in few requests', async () => {
    const queries = Array.from({ length: 100 }, (_, i) => `metric_${i}`);
    const { asked, prometheus } = prometheusWith(Object.fromEntries(queries.map((query) => [query, number('1')])));
    expect(await withSamples(prometheus, queries)).toEqual(new Set(queries));
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  it('NaN is not a value, a native histogram is', async () => {
    const native: Answer = { labels: {}, samples: [], histograms: [[0, { count: '1', sum: '1' }]] };
    const { prometheus } = prometheusWith({ idle: number('NaN'), native });
    expect(await withSamples(prometheus, ['idle', 'native', 'unknown'])).toEqual(new Set(['native']));
  });

  it('one that Prometheus refuses does not hide the others', async () => {
    const { prometheus } = prometheusWith({ good: number('0') });
    expect(await withSamples(prometheus, ['WRONG', 'good'])).toEqual(new Set(['good']));
  });
});

describe('generated dashboards', () => {
  const options = { stack: 's', version: { major: 12 }, ours: { uid: 'p', name: 'P' } };
  const families = new Map([['a.b', familiesIn('# TYPE orders_total counter\norders_total 1\nqueue_size 3', 'a.b')]]);

  it('have the panels whose queries have samples for that job', async () => {
    const query = 'rate(orders_total{job=~"a\\\\.b",instance=~".+"}[15m])';
    const { prometheus } = prometheusWith({ [query]: number('0.5') });
    const [page, ...others] = await generatedDashboards(prometheus, families, options);
    expect([page?.dashboard.title, others]).toEqual(['Job a.b', []]);
    expect(page?.waiting).toContain('queue_size{job=~"a\\\\.b",instance=~".+"}');
    expect([page].flatMap((one) => (one === undefined ? [] : queriesOf(one.dashboard)))).toEqual([
      'rate(orders_total{job=~"$job",instance=~"$instance"}[$__rate_interval])',
    ]);
  });

  it('keep what is drawn, and ask for nothing but the rest', async () => {
    const drawn = new Set(['queue_size{job=~"$job",instance=~"$instance"}']);
    const { asked, prometheus } = prometheusWith({});
    const dashboards = await generatedDashboards(prometheus, families, { ...options, drawn });
    expect(dashboards.flatMap(({ dashboard }) => queriesOf(dashboard))).toEqual([...drawn]);
    expect(asked.join()).not.toContain('queue_size');
  });

  it('are empty while Prometheus has no data', async () => {
    expect(await generatedDashboards(prometheusWith({}).prometheus, new Map(), options)).toEqual([]);
  });

  it('have a row for a job that was not scraped yet, since each has an `up` soon', async () => {
    const { prometheus } = prometheusWith({});
    const written = await generatedDashboards(prometheus, new Map(), { ...options, jobs: ['shop'] });
    expect(written.map(({ dashboard }) => dashboard.title)).toEqual(['Services']);
    expect(written.flatMap(({ dashboard }) => queriesOf(dashboard))).toEqual([
      'up{job="shop",job=~"$job",instance=~"$instance"}',
    ]);
  });
});
