import { describe, expect, it } from 'vitest';
import { MonitorError } from '../../../src/errors.ts';
import { HttpError, type Transport, type TransportRequest } from '../../../src/http.ts';
import { AFTER_RELOAD_MS, prometheusClient } from '../../../src/prometheus/client.ts';

const failureOf = async (work: Promise<unknown>): Promise<MonitorError> => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MonitorError) return error;
  throw new Error(`it did not fail as it should: ${error}`);
};

/** Answers every request with one body, and keeps the requests. */
const answering = (body: unknown, status = 200) => {
  const requests: TransportRequest[] = [];
  const transport: Transport = async (request) => {
    requests.push(request);
    return { status, headers: {}, body: JSON.stringify(body) };
  };
  return { client: prometheusClient(transport), requests };
};

const success = (data: unknown, more: object = {}) => ({ status: 'success', data, ...more });

it('gives Prometheus as long as it is told to for its targets', async () => {
  const { client, requests } = answering(success({ activeTargets: [] }));
  await client.targets(AFTER_RELOAD_MS);
  expect(requests).toMatchObject([{ path: '/api/v1/targets?state=active', timeoutMs: AFTER_RELOAD_MS }]);
});

it('says that Prometheus is still starting, which it does for minutes with much data', async () => {
  const client = prometheusClient(async () => ({ status: 503, headers: {}, body: 'Service Unavailable' }));
  expect(await failureOf(client.query('up'))).toMatchObject({ code: 'prometheus-starting', exitCode: 1 });
});

describe('a query', () => {
  it('gives the series of a vector, with native histograms, warnings and infos', async () => {
    const result = [
      { metric: { job: 'a' }, value: [1.5, '0.35'] },
      { metric: { job: 'b' }, histogram: [1.5, { count: '3', sum: '1.25', buckets: [] }] },
    ];
    const notices = { warnings: ['the remote storage is late'], infos: ['might not be a counter'] };
    const { client, requests } = answering(success({ resultType: 'vector', result }, notices));
    expect(await client.query('a + b', 17)).toEqual({
      type: 'vector',
      series: [
        { labels: { job: 'a' }, samples: [[1.5, '0.35']] },
        { labels: { job: 'b' }, samples: [], histograms: [[1.5, { count: '3', sum: '1.25' }]] },
      ],
      ...notices,
    });
    expect(requests[0]).toMatchObject({ method: 'POST', path: '/api/v1/query', body: 'query=a+%2B+b&time=17' });
  });

  it('gives a scalar and a string as one series without labels', async () => {
    for (const resultType of ['scalar', 'string']) {
      const { client } = answering(success({ resultType, result: [2, 'NaN'] }));
      expect(await client.query('1')).toMatchObject({
        type: resultType,
        series: [{ labels: {}, samples: [[2, 'NaN']] }],
      });
    }
  });

  it('gives the samples of a range', async () => {
    const result = [
      {
        metric: {},
        values: [
          [1, '1'],
          [2, '+Inf'],
        ],
      },
    ];
    const { client, requests } = answering(success({ resultType: 'matrix', result }));
    const { series } = await client.queryRange('up', { start: 1, end: 2, step: 1 });
    expect(series).toEqual([
      {
        labels: {},
        samples: [
          [1, '1'],
          [2, '+Inf'],
        ],
      },
    ]);
    expect(requests[0]?.body).toBe('query=up&start=1&end=2&step=1');
  });
});

describe('a refused expression', () => {
  const refusedAs = (expression: string, errorType: string, error: string) => {
    const { client } = answering({ status: 'error', errorType, error }, errorType === 'bad_data' ? 400 : 422);
    return failureOf(client.query(expression));
  };

  it('is shown with a caret below the place that it breaks at', async () => {
    const words = 'invalid parameter "query": 2:7: parse error: unclosed left parenthesis';
    expect(await refusedAs('1 +\n\tsum(up', 'bad_data', words)).toMatchObject({
      code: 'wrong-expression',
      exitCode: 2,
      message: 'The expression is wrong: unclosed left parenthesis',
      detail: [' sum(up', '      ^'],
    });
  });

  it('counts characters where Prometheus counts bytes', async () => {
    const error = await refusedAs('"größe" foo', 'bad_data', '1:11: parse error: unexpected identifier "foo"');
    expect(error.detail).toEqual(['"größe" foo', '        ^']);
  });

  it('is told without a place where it is empty', async () => {
    const words = 'invalid parameter "query": unknown position: parse error: no expression found in input';
    expect(await refusedAs('', 'bad_data', words)).toMatchObject({
      message: 'The expression is wrong: no expression found in input',
      detail: [],
    });
  });

  it('is shown whole where Prometheus names no place', async () => {
    const words = 'many-to-many matching not allowed';
    expect(await refusedAs('a * b', 'execution', words)).toMatchObject({
      code: 'wrong-expression',
      exitCode: 2,
      message: `The expression is wrong: ${words}`,
      detail: ['a * b'],
    });
  });

  it('is not a usage error if Prometheus times out', async () => {
    expect(await refusedAs('a', 'timeout', 'query timed out')).toMatchObject({ code: 'query-failed', exitCode: 1 });
  });
});

describe('the rest of the API', () => {
  it('is asked about several selectors in one request', async () => {
    const { client, requests } = answering(success([{ __name__: 'up', job: 'a' }]));
    const found = await client.series(['up', 'x{a="b"}'], { start: 1, end: 2 });
    expect(found).toEqual([{ __name__: 'up', job: 'a' }]);
    expect(requests[0]?.body).toBe('match%5B%5D=up&match%5B%5D=x%7Ba%3D%22b%22%7D&start=1&end=2');
  });

  it('is asked for values of a label that is not of the old kind by its escaped name', async () => {
    const { client, requests } = answering(success(['GET']));
    expect(await client.labelValues('http.request_method', [], { start: 1, end: 2 })).toEqual(['GET']);
    expect(requests[0]?.path).toBe('/api/v1/label/U__http_2e_request__method/values?start=1&end=2');
  });

  it('tells what each target says of a metric', async () => {
    const row = { target: { job: 'a', instance: 'a:1' }, metric: 'up_total', type: 'counter', help: 'H', unit: '' };
    const { client } = answering(success([row]));
    expect(await client.metadata()).toEqual([{ job: 'a', metric: 'up_total', type: 'counter', help: 'H', unit: '' }]);
  });

  it('has no metadata before the first scrape', async () => {
    const { client } = answering(
      { status: 'error', errorType: 'not_found', error: 'specified metadata not found' },
      404,
    );
    expect(await client.metadata()).toEqual([]);
  });

  it('is reported as not answering', async () => {
    const client = prometheusClient(async () => {
      throw new HttpError('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:9090');
    });
    expect(await failureOf(client.query('up'))).toMatchObject({ code: 'prometheus-unreachable', exitCode: 1 });
  });
});
