import { describe, expect, it } from 'vitest';
import { familiesOf } from '../../../src/metrics/families.ts';
import type { MetricFamily } from '../../../src/metrics/family.ts';
import { type Question, questionOf, questionsOf } from '../../../src/metrics/question.ts';
import { familiesIn } from '../../support/exposition-samples.ts';
import { syntaxError } from '../../support/promql-syntax.ts';

const matchers = ['job="shop"'];

const named = (families: readonly MetricFamily[], name: string): MetricFamily => {
  const found = families.find((family) => family.name === name);
  if (found === undefined) throw new Error(`no family ${name} in ${families.map((f) => f.name).join(' ')}`);
  return found;
};

const asked = (text: string, name: string): Question => {
  const families = familiesIn(text);
  return questionOf(named(families, name), { matchers, families: new Map(families.map((f) => [f.name, f])) });
};

/** The only family that there is. */
const only = (families: readonly MetricFamily[]): MetricFamily => named(families, families[0]?.name ?? '');

const allOf = (text: string, name: string): Question[] => questionsOf(named(familiesIn(text), name), { matchers });
const exprs = (question: Question | undefined): string[] => question?.queries.map(({ expr }) => expr) ?? [];
const series = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');

describe('the type decides', () => {
  it('a counter is asked how fast it grows, by the label with names and not the one with ids', () => {
    const text = `# HELP myevents_bookings_count Bookings made
# TYPE myevents_bookings_count counter
myevents_bookings_count{eventID="5f3a",eventName="opera aida"} 3
myevents_bookings_count{eventID="77b2",eventName="chamber music"} 2`;
    const question = asked(text, 'myevents_bookings_count');
    expect(exprs(question)).toEqual([
      'sum by (eventName) (rate(myevents_bookings_count{job="shop"}[$__rate_interval]))',
    ]);
    expect(question).toMatchObject({ kind: 'rate', unit: 'cps', title: 'Myevents bookings per second by eventName' });
    expect(question.notes).toEqual([expect.stringMatching(/_count.*counter/)]);
    expect(question.description).toContain('Bookings made.');
  });

  it('a gauge named _total is treated as a gauge, with a note', () => {
    const question = asked(
      '# TYPE nodejs_active_handles_total gauge\nnodejs_active_handles_total 2',
      'nodejs_active_handles_total',
    );
    expect(exprs(question)).toEqual(['nodejs_active_handles_total{job="shop"}']);
    expect(question.notes).toEqual([expect.stringContaining('gauge')]);
  });

  it.each([
    ['orders_total', 'orders_total 5', 'rate'],
    ['orders_count', 'orders_count 5', 'rate'],
    ['queue_length', 'queue_length 5', 'value'],
    [
      'wait_seconds',
      'wait_seconds_bucket{le="1"} 1\nwait_seconds_bucket{le="+Inf"} 2\nwait_seconds_sum 1\nwait_seconds_count 2',
      'quantiles',
    ],
    ['wait_seconds', 'wait_seconds_sum 1\nwait_seconds_count 2', 'average'],
  ])('without metadata %s is asked by its name and by what is stored', (name, text, kind) => {
    expect(asked(text, name).kind).toBe(kind);
  });

  it('OpenMetrics describes x and stores x_total', () => {
    const [family] = familiesOf(
      [{ labels: { __name__: 'orders_total', job: 'shop' }, value: 1 }],
      [{ metric: 'orders', type: 'counter', help: 'Orders', unit: '' }],
    );
    expect(family).toMatchObject({ name: 'orders_total', type: 'counter', help: 'Orders', contradictions: [] });
  });

  it('targets that disagree on a type follow the majority, with a note', () => {
    const row = (type: string) => ({ metric: 'jobs', type, help: '', unit: '' });
    const [family] = familiesOf(
      [{ labels: { __name__: 'jobs', job: 'shop' }, value: 1 }],
      [row('gauge'), row('counter'), row('gauge')],
    );
    expect(family?.type).toBe('gauge');
    expect(family?.contradictions).toEqual([expect.stringContaining('gauge, counter')]);
  });
});

describe('histograms', () => {
  const text = `# TYPE wait_seconds histogram
wait_seconds_bucket{route="/a",le="1"} 1
wait_seconds_bucket{route="/a",le="+Inf"} 2
wait_seconds_sum{route="/a"} 1
wait_seconds_count{route="/a"} 2`;

  it('are asked for quantiles, how often, and their distribution; never for an average of buckets', () => {
    const questions = allOf(text, 'wait_seconds');
    expect(questions.map(({ kind, panel, unit }) => [kind, panel, unit])).toEqual([
      ['quantiles', 'timeseries', 's'],
      ['rate', 'timeseries', 'cps'],
      ['heatmap', 'heatmap', 's'],
    ]);
    expect(questions[0]?.queries.map(({ legend }) => legend)).toEqual(['p50', 'p95', 'p99']);
    expect(exprs(questions[2])).toEqual(['sum by (le) (rate(wait_seconds_bucket{job="shop"}[$__rate_interval]))']);
    expect(questions.flatMap(exprs).join()).not.toContain('avg');
  });

  it('native ones are asked by functions of their own', () => {
    const family = only(familiesOf([{ labels: { __name__: 'wait_seconds', job: 'shop' } }], []));
    const questions = questionsOf(family, { matchers });
    expect(family).toMatchObject({ type: 'histogram', native: true });
    expect(exprs(questions[0])[1]).toBe(
      'histogram_quantile(0.95, sum(rate(wait_seconds{job="shop"}[$__rate_interval])))',
    );
    expect(exprs(questions[1])).toEqual(['histogram_count(rate(wait_seconds{job="shop"}[$__rate_interval]))']);
    expect(questions.flatMap(exprs).join()).not.toContain('_bucket');
  });
});

describe('summaries', () => {
  it('have quantiles that are not summed, an average and a rate', () => {
    const text = `# TYPE gc_seconds summary
gc_seconds{quantile="0.5"} 0.1
gc_seconds{quantile="0.9"} 0.2
gc_seconds_sum 3
gc_seconds_count 9`;
    expect(allOf(text, 'gc_seconds').map(({ kind, unit }) => [kind, unit])).toEqual([
      ['quantiles', 's'],
      ['average', 's'],
      ['rate', 'cps'],
    ]);
  });

  it('two counters that are a sum and a count make an average', () => {
    const text =
      '# TYPE pay_seconds_sum counter\npay_seconds_sum 3\n# TYPE pay_seconds_count counter\npay_seconds_count 9';
    expect(exprs(asked(text, 'pay_seconds_sum'))).toEqual([
      'rate(pay_seconds_sum{job="shop"}[$__rate_interval]) / rate(pay_seconds_count{job="shop"}[$__rate_interval])',
    ]);
    expect(asked(text, 'pay_seconds_count')).toMatchObject({ title: 'Pay observations per second', unit: 'cps' });
  });
});

describe('gauges', () => {
  it.each([
    ['go_info', 'go_info{version="go1.26"} 1', 'info', 'table', 'none'],
    ['app_version', 'app_version{version="1.2"} 1', 'info', 'table', 'none'],
    ['up', 'up 1', 'state', 'state-timeline', 'bool_yes_no'],
    ['redis_up', 'redis_up 0', 'state', 'state-timeline', 'bool_yes_no'],
    ['leader_status', 'leader_status 3', 'value', 'timeseries', 'short'],
    ['import_timestamp_seconds', 'import_timestamp_seconds 1.7e9', 'age', 'timeseries', 's'],
    ['process_start_time_seconds', 'process_start_time_seconds 1.7e9', 'age', 'timeseries', 's'],
    ['wall_time_seconds', 'wall_time_seconds 12', 'value', 'timeseries', 's'],
    ['heap_used_bytes', 'heap_used_bytes 12', 'value', 'timeseries', 'bytes'],
    ['cache_hit_ratio', 'cache_hit_ratio 0.5', 'value', 'timeseries', 'percentunit'],
    ['room_celsius', 'room_celsius 21', 'value', 'timeseries', 'celsius'],
    ['lag_milliseconds', 'lag_milliseconds 21', 'value', 'timeseries', 'ms'],
    ['redis_latency_usec', 'redis_latency_usec 21', 'value', 'timeseries', 'µs'],
    ['bgsave_duration_sec', 'bgsave_duration_sec 21', 'value', 'timeseries', 's'],
    ['reads_per_sec', 'reads_per_sec 21', 'value', 'timeseries', 'cps'],
    ['request_seconds_max', 'request_seconds_max 2', 'value', 'timeseries', 's'],
    ['process_memory_usage', 'process_memory_usage 2', 'value', 'timeseries', 'bytes'],
    ['nodejs_eventloop_delay_p99', 'nodejs_eventloop_delay_p99 2', 'value', 'timeseries', 's'],
    ['system_cpu_usage', 'system_cpu_usage 0.2', 'value', 'timeseries', 'percentunit'],
  ])('%s', (name, line, kind, panel, unit) => {
    expect(asked(`# TYPE ${name} gauge\n${line}`, name)).toMatchObject({ kind, panel, unit });
  });

  it('a time without a unit in its name is in milliseconds where no other would make sense', () => {
    const expr = (value: string) =>
      asked(`# TYPE head_max_time gauge\nhead_max_time ${value}`, 'head_max_time').queries[0]?.expr;
    expect(expr('1.7e12')).toBe('time() - head_max_time{job="shop"} / 1000');
    expect(expr('1.7e9')).toBe('time() - head_max_time{job="shop"}');
  });

  it('a state set is drawn by its states', () => {
    const text = '# TYPE breaker gauge\nbreaker{breaker="open"} 1\nbreaker{breaker="closed"} 0';
    expect(asked(text, 'breaker')).toMatchObject({ kind: 'state', queries: [{ legend: '{{breaker}}' }] });
  });

  it.each([
    ['pool_connections', 'pool_connections_max'],
    ['pool_connections', 'pool_connections_limit'],
    ['cache_bytes', 'cache_max_bytes'],
    ['process_open_fds', 'process_max_fds'],
    ['memory_used_bytes', 'memory_limit_bytes'],
  ])('%s is drawn with %s as its limit', (name, limit) => {
    const question = asked(`# TYPE ${name} gauge\n${name} 3\n# TYPE ${limit} gauge\n${limit} 10`, name);
    expect(question.families).toEqual([name, limit]);
    expect(question.queries.map((query) => query.limit)).toEqual([undefined, true]);
  });

  it('the greatest value that was observed, beside the least, is no limit', () => {
    const gauge = (name: string) => `# TYPE ${name} gauge\n${name} 3\n`;
    const text = ['lag_seconds', 'lag_min_seconds', 'lag_max_seconds'].map(gauge).join('');
    expect(asked(text, 'lag_seconds')).toMatchObject({ kind: 'value', title: 'Lag' });
    expect(asked(text, 'lag_max_seconds').title).toBe('Lag max');
  });

  it('no limit at all, written as the greatest number, is no limit line', () => {
    const text =
      '# TYPE memory_bytes gauge\nmemory_bytes 3\n# TYPE memory_max_bytes gauge\nmemory_max_bytes 18446744073709551615';
    expect(asked(text, 'memory_bytes').queries).toHaveLength(1);
  });

  it.each([
    ['reads_per_second', 'Reads per second'],
    ['frag_ratio', 'Frag ratio'],
    ['uptime_in_seconds', 'Uptime'],
  ])('the title of %s is %s', (name, title) => {
    expect(asked(`# TYPE ${name} gauge\n${name} 1`, name).title).toBe(title);
  });

  it('a limit in milliseconds does not fit a metric in seconds', () => {
    const text = '# TYPE wait gauge\nwait_seconds 3\nwait_seconds_max_milliseconds 10\nwait_seconds_max_ms 10';
    expect(asked(text, 'wait_seconds').queries).toHaveLength(1);
  });

  it('several series are added or averaged, as their unit says', () => {
    const of = (name: string) =>
      exprs(asked(`# TYPE ${name} gauge\n${name}{pool="a"} 3\n${name}{pool="b"} 4`, name))[0];
    expect(of('pool_bytes')).toBe('sum by (pool) (pool_bytes{job="shop"})');
    expect(of('pool_usage_ratio')).toBe('avg by (pool) (pool_usage_ratio{job="shop"})');
  });
});

describe('labels', () => {
  const counter = (lines: string): Question => asked(`# TYPE orders_total counter\n${lines}`, 'orders_total');

  it('more values than fit are drawn as the greatest ten beside the total', () => {
    const question = counter(series(40, (i) => `orders_total{product="item ${i}"} 1`));
    expect(exprs(question)).toEqual([
      'topk(10, sum by (product) (rate(orders_total{job="shop"}[$__rate_interval])))',
      'sum(rate(orders_total{job="shop"}[$__rate_interval]))',
    ]);
  });

  it('of labels with as many values the one that says what was asked for', () => {
    const line = (i: number) => `orders_total{error="e${i}",uri="/o${i}"} 1`;
    expect(exprs(counter(series(2, line)))[0]).toMatch(/^sum by \(uri\)/);
  });

  it('what is not added has no total, and of states those that say no are shown', () => {
    const gauge = (name: string) => {
      const lines = series(40, (i) => `${name}{product="item ${i}"} 1`);
      return asked(`# TYPE ${name} gauge\n${lines}`, name).queries;
    };
    expect(gauge('price_ratio').map(({ legend }) => legend)).toEqual(['{{product}}', 'average']);
    expect(gauge('import_success')[0].expr).toBe('bottomk(10, min by (product) (import_success{job="shop"}))');
  });

  it('twelve values fit', () => {
    expect(exprs(counter(series(12, (i) => `orders_total{product="item ${i}"} 1`)))).toHaveLength(1);
  });

  it.each([
    ['an id by its name', (i: number) => `userId="u${i}"`],
    ['an id in snake case', (i: number) => `session_id="a${i}"`],
    ['UUIDs', (i: number) => `customer="5f3a000${i}-0000-4000-8000-000000000000"`],
    ['numbers', (i: number) => `customer="${1000 + i}"`],
    ['addresses', (i: number) => `peer="10.0.0.${i}:9100"`],
    ['instances', (i: number) => `pod="shop-${i}"`],
  ])('never by %s', (_, label) => {
    expect(exprs(counter(series(5, (i) => `orders_total{${label(i)}} 1`)))).toEqual([
      'sum(rate(orders_total{job="shop"}[$__rate_interval]))',
    ]);
  });

  it('status codes are not counted as ids', () => {
    expect(exprs(counter('orders_total{code="200"} 1\norders_total{code="500"} 1'))[0]).toContain('by (code)');
  });
});

describe('units of rates', () => {
  it.each([
    ['sent_bytes_total', 'Bps', ''],
    ['process_cpu_seconds_total', 'percentunit', ''],
    ['busy_milliseconds_total', 'percentunit', ' / 1000'],
    ['http_requests_total', 'reqps', ''],
    ['orders_total', 'cps', ''],
    ['energy_joules_total', 'watt', ''],
  ])('%s grows in %s', (name, unit, scale) => {
    const question = asked(`# TYPE ${name} counter\n${name} 3`, name);
    expect(question.unit).toBe(unit);
    expect(exprs(question)).toEqual([`rate(${name}{job="shop"}[$__rate_interval])${scale}`]);
  });

  it('UNIT says more than the name', () => {
    const families = familiesOf(
      [{ labels: { __name__: 'wait', job: 'shop' }, value: 1 }],
      [{ metric: 'wait', type: 'gauge', help: '', unit: 'milliseconds' }],
    );
    expect(questionOf(named(families, 'wait'), { matchers }).unit).toBe('ms');
  });
});

describe('what others wrote', () => {
  it('names outside ASCII and with dots are quoted in the query', () => {
    const family = only(
      familiesOf(
        [
          { labels: { __name__: 'my.metric', 'the.label': 'a', job: 'shop' }, value: 1 },
          { labels: { __name__: 'my.metric', 'the.label': 'b', job: 'shop' }, value: 1 },
        ],
        [{ metric: 'my.metric', type: 'counter', help: '', unit: '' }],
      ),
    );
    const [expr = ''] = exprs(questionOf(family, { matchers }));
    expect(expr).toBe('sum by ("the.label") (rate({"my.metric",job="shop"}[$__rate_interval]))');
    expect(syntaxError(expr)).toBeUndefined();
  });

  it('help texts bring no HTML, no Markdown, no variable and no control character', () => {
    const family = only(
      familiesOf(
        [{ labels: { __name__: 'x', job: 'shop' }, value: 1 }],
        [
          {
            metric: 'x',
            type: 'gauge',
            help: '<img src=x onerror=alert(1)>\u001b[31m\n[a](http://b) `c` $job',
            unit: '',
          },
        ],
      ),
    );
    const { description } = questionOf(family, { matchers });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(description).not.toMatch(/[<>\u0000-\u001f[\]$]/);
    expect(description).toContain('&lt;img');
  });

  it('the same question comes again, byte for byte, in whatever order the series are', () => {
    const lines = series(9, (i) => `orders_total{a="x${i % 3}",b="y${i}"} 1`).split('\n');
    const of = (order: string[]) =>
      JSON.stringify(asked(`# TYPE orders_total counter\n${order.join('\n')}`, 'orders_total'));
    expect(of(lines.toReversed())).toBe(of(lines));
  });
});
