import { describe, expect, it } from 'vitest';
import { grafanaClient, grafanaHealth } from '../../../src/grafana/client.ts';
import { prometheusDatasource } from '../../../src/grafana/model.ts';
import { parseVersion } from '../../../src/grafana/version.ts';
import { HttpError, type Transport, type TransportRequest } from '../../../src/http.ts';

type Reply = { status?: number; body: unknown } | Error;

const URL = 'http://127.0.0.1:3000';
const desired = prometheusDatasource('15s');
const answered = {
  ...{ id: 7, orgId: 1, typeLogoUrl: '', password: '', user: 'u', basicAuth: true, secureJsonFields: { k: true } },
  ...{ readOnly: false, version: 3, ...desired },
};

/** A transport that gives each request the next reply, and remembers the requests. */
const grafana = (...replies: Reply[]) => {
  const requests: TransportRequest[] = [];
  const transport: Transport = async (request) => {
    requests.push(request);
    const reply = replies.shift() ?? new Error('a request too many');
    if (reply instanceof Error) throw reply;
    const body = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
    return { status: reply.status ?? 200, headers: {}, body };
  };
  const lines = () => requests.map(({ method, path }) => `${method} ${path}`);
  return { transport, requests, lines };
};

const client = (transport: Transport, version = '13.2.3', passwordSource = '/x/.monitor/grafana-password') =>
  grafanaClient({
    ...{ transport, url: URL, user: 'admin', password: 'pässword', passwordSource },
    version: parseVersion(version),
  });

const ours = async (version: string, ...replies: Reply[]) => {
  const { transport, requests, lines } = grafana({ body: answered }, ...replies);
  const made = client(transport, version);
  const current = await made.getDatasourceByUid('prometheus');
  if (current === undefined) throw new Error('not found');
  return { made, current, requests, lines };
};

describe("Grafana's health", () => {
  const health = (...replies: Reply[]) => {
    const { transport, requests } = grafana(...replies);
    return { answer: grafanaHealth(transport, URL), requests };
  };

  it('tells the version, and needs no password', async () => {
    const { answer, requests } = health({ body: { commit: 'NA', database: 'ok', version: '9.4.0-pre' } });
    expect(await answer).toEqual({ version: '9.4.0-pre', database: 'ok' });
    expect(requests[0]?.headers).toBeUndefined();
  });

  it('tells an empty version where the server hides it', async () => {
    expect(await health({ body: { database: 'ok' } }).answer).toEqual({ version: '', database: 'ok' });
  });

  it('is not there yet while the server starts', async () => {
    const starting = ['ECONNREFUSED', 'ECONNRESET', 'TIMEOUT', 'ENETUNREACH'].map((code) => new HttpError(code, code));
    for (const reply of [...starting, { status: 503, body: { database: 'failing' } }]) {
      expect(await health(reply).answer).toBeUndefined();
    }
  });

  it('fails where something else answers, or nothing ever can', async () => {
    await expect(health({ status: 404, body: 'Not here' }).answer).rejects.toMatchObject({
      code: 'grafana-answer',
      detail: ['HTTP 404: Not here'],
    });
    await expect(health({ body: '<html>' }).answer).rejects.toMatchObject({ code: 'grafana-answer' });
    const noProgram = new HttpError('HPE_INVALID_CONSTANT', 'the answer is not HTTP: no nc here');
    await expect(health(noProgram).answer).rejects.toMatchObject({
      code: 'grafana-unreachable',
      detail: ['the answer is not HTTP: no nc here'],
    });
    await expect(health(new Error('engine lost')).answer).rejects.toThrow('engine lost');
  });
});

describe('a datasource by its uid', () => {
  it('is read with user and password in UTF-8', async () => {
    const { current, requests } = await ours('13.2.3');
    expect(current).toMatchObject({ ...desired, id: 7, readOnly: false });
    expect(requests[0]).toMatchObject({
      method: 'GET',
      path: '/api/datasources/uid/prometheus',
      headers: { authorization: `Basic ${Buffer.from('admin:pässword').toString('base64')}` },
    });
  });

  it('is undefined if there is none', async () => {
    const { transport } = grafana({ status: 404, body: { message: 'Data source not found' } });
    expect(await client(transport).getDatasourceByUid('prometheus')).toBeUndefined();
  });

  it('is one without a number too, as a server that asks by uid alone may answer', async () => {
    const { id, ...numberless } = answered;
    const { transport } = grafana({ body: numberless });
    expect(await client(transport).getDatasourceByUid('prometheus')).toMatchObject({ uid: 'prometheus', id: 0 });
  });

  it('is not made up from an answer that has no datasource in it', async () => {
    for (const body of ['', '[]', '<html>', { uid: 'prometheus' }, { ...answered, id: '7' }]) {
      const { transport } = grafana({ body });
      await expect(client(transport).getDatasourceByUid('prometheus')).rejects.toMatchObject({
        code: 'grafana-answer',
      });
    }
  });
});

describe('the list of datasources', () => {
  it('has uid, name and which is the default', async () => {
    const { transport } = grafana({ body: [answered, { uid: 'l', name: 'Loki', type: 'loki' }] });
    expect(await client(transport).listDatasources()).toEqual([
      { uid: 'prometheus', name: 'Prometheus', type: 'prometheus', isDefault: true },
      { uid: 'l', name: 'Loki', type: 'loki', isDefault: false },
    ]);
  });

  it('is not made up from another answer', async () => {
    for (const body of [{}, [{}], 'x']) {
      await expect(client(grafana({ body }).transport).listDatasources()).rejects.toMatchObject({
        code: 'grafana-answer',
      });
    }
  });
});

describe('an update', () => {
  it.each([
    ['7.5.5', '/api/datasources/7'],
    ['8.5.27', '/api/datasources/7'],
    ['9.4.0-pre', '/api/datasources/uid/prometheus'],
    ['13.2.3', '/api/datasources/uid/prometheus'],
    ['', '/api/datasources/uid/prometheus'],
  ])('on %j goes to %s', async (version, path) => {
    const { made, current, lines } = await ours(version, { body: {} });
    await made.updateDatasource(current, desired);
    expect(lines().at(-1)).toBe(`PUT ${path}`);
  });

  it('sends back what it does not change, with the version, and nothing that only an answer has', async () => {
    const { made, current, requests } = await ours('7.5.5', { body: {} });
    await made.updateDatasource(current, { ...desired, url: 'http://new:9090' });
    expect(JSON.parse(requests.at(-1)?.body ?? '')).toEqual({
      ...{ ...desired, url: 'http://new:9090' },
      ...{ password: '', user: 'u', basicAuth: true, version: 3 },
    });
  });
});

describe('a refusal', () => {
  it.each([
    [
      409,
      { message: 'Datasource has already been updated' },
      'grafana-conflict',
      'Datasource has already been updated',
    ],
    [412, { message: 'changed', status: 'version-mismatch' }, 'grafana-conflict', 'changed'],
    [
      403,
      { message: 'Cannot update read-only data source' },
      'grafana-read-only',
      'Cannot update read-only data source',
    ],
    [403, { message: 'Permission denied' }, 'grafana-forbidden', 'Permission denied'],
    [404, { message: 'Data source not found' }, 'grafana-not-found', 'Data source not found'],
    [400, { message: 'bad request data', traceID: '' }, 'grafana-refused', 'bad request data'],
    [422, [{ fieldNames: ['Type'], message: 'Required' }], 'grafana-refused', 'Type: Required'],
    [500, { message: 'Failed to update datasource' }, 'grafana-failed', 'Failed to update datasource'],
    [502, '<html>\n<body>', 'grafana-failed', '<html>'],
    [504, '', 'grafana-failed', 'Gateway Timeout'],
  ])('of %i with %j is a %s in its own words', async (status, body, code, words) => {
    const { made, current } = await ours('13.2.3', { status, body });
    await expect(made.updateDatasource(current, desired)).rejects.toMatchObject({
      code,
      message: 'Grafana did not update the datasource "Prometheus"',
      detail: [`HTTP ${status}: ${words}`],
    });
  });

  it('of the connection names the address and the reason', async () => {
    const { transport } = grafana(new HttpError('TIMEOUT', 'no answer within 10 s'), new HttpError('EPIPE', 'broken'));
    const made = client(transport);
    await expect(made.createDatasource(desired)).rejects.toMatchObject({
      code: 'grafana-timeout',
      message: `Grafana at ${URL} did not answer when asked to create the datasource "Prometheus"`,
      detail: ['no answer within 10 s'],
    });
    await expect(made.createDatasource(desired)).rejects.toMatchObject({ code: 'grafana-unreachable' });
  });
});

describe('a wrong password', () => {
  const wrong = { status: 401, body: { message: 'invalid username or password' } };

  it('is tried once, whatever is asked afterwards', async () => {
    const { transport, requests } = grafana(wrong);
    const made = client(transport);
    for (const call of [() => made.getDatasourceByUid('prometheus'), () => made.createDatasource(desired)]) {
      await expect(call()).rejects.toMatchObject({ code: 'grafana-password' });
    }
    expect(requests).toHaveLength(1);
  });

  it('is not what a server without a login form means: the password goes along with each request', async () => {
    const { transport, requests, lines } = grafana(
      { status: 401, body: { message: 'Login is disabled' } },
      { body: answered },
    );
    const made = client(transport);
    await made.signedIn(() => made.getDatasourceByUid('prometheus'));
    expect(lines()).toEqual(['POST /login', 'GET /api/datasources/uid/prometheus']);
    expect(requests[1]?.headers?.['authorization']).toMatch(/^Basic /);
  });

  it('is reported with user, address, source and remedy', async () => {
    await expect(client(grafana(wrong).transport).listDatasources()).rejects.toMatchObject({
      message: `Grafana at ${URL} does not accept the password of user "admin"`,
      detail: expect.arrayContaining([
        'Grafana: invalid username or password',
        'the password came from /x/.monitor/grafana-password',
      ]),
      suggestion: '`monitor password --reset` sets a new one in the running Grafana',
    });
  });

  it('from the environment is to be corrected there', async () => {
    const made = client(grafana(wrong).transport, '13.2.3', 'MONITOR_GRAFANA_PASSWORD');
    await expect(made.listDatasources()).rejects.toMatchObject({
      suggestion: expect.stringMatching(/^correct or unset MONITOR_GRAFANA_PASSWORD, or `monitor password --reset`/),
    });
  });
});

describe("a datasource's health", () => {
  const health = async (version: string, ...replies: Reply[]) => {
    const { transport, lines } = grafana(...replies);
    return { answer: await client(transport, version).datasourceHealth({ id: 7, uid: 'prometheus' }), lines: lines() };
  };
  const check = 'GET /api/datasources/uid/prometheus/health';
  const missing = { status: 404, body: { message: 'Not found', traceID: '' } };
  const success = { body: { status: 'success', data: {} } };

  it('is Grafana’s own check from 9 on', async () => {
    expect(await health('13.2.3', { body: { status: 'OK', message: 'Successfully queried.' } })).toEqual({
      answer: { ok: true, message: 'Successfully queried.', how: 'health' },
      lines: [check],
    });
    const failed = { status: 400, body: { status: 'ERROR', message: 'no such host' } };
    expect((await health('13.2.3', failed)).answer).toEqual({ ok: false, message: 'no such host', how: 'health' });
  });

  it('is a query by uid where 9 or later lacks that check', async () => {
    expect(await health('9.4.0-pre', missing, success)).toEqual({
      answer: { ok: true, message: 'Prometheus answered a query through Grafana', how: 'query' },
      lines: [check, 'GET /api/datasources/proxy/uid/prometheus/api/v1/query?query=up'],
    });
  });

  it('is a query by number before 9', async () => {
    expect(await health('7.5.5', success)).toMatchObject({
      answer: { ok: true, how: 'query' },
      lines: ['GET /api/datasources/proxy/7/api/v1/query?query=up'],
    });
  });

  it('is bad, in the words there are, where the query does not reach Prometheus', async () => {
    const replies: [Reply, string][] = [
      [{ status: 502, body: '' }, 'Bad Gateway'],
      [{ status: 400, body: { status: 'error', error: 'parse error' } }, 'parse error'],
      [{ body: '<html>a login page' }, '<html>a login page'],
    ];
    for (const [reply, message] of replies) {
      expect((await health('7.5.5', reply)).answer).toEqual({ ok: false, message, how: 'query' });
    }
  });
});

describe('dashboards', () => {
  const dashboard = { uid: 'a', title: 'A' };
  const saved = { body: { status: 'success', uid: 'a', version: 3, url: '/d/a/a' } };
  const bodyOf = (request: TransportRequest | undefined) => JSON.parse(request?.body ?? '');

  it('are saved in a folder by its uid, as 9 and later take it', async () => {
    const { transport, requests } = grafana(saved);
    const save = { dashboard, folderUid: 'monitor', replaces: 2 };
    await client(transport, '9.4.0').saveDashboard(save);
    expect(bodyOf(requests[0])).toEqual({
      dashboard: { ...dashboard, id: null, version: 2 },
      folderUid: 'monitor',
      overwrite: false,
    });
  });

  it('are saved in a folder by its number before, which is looked up', async () => {
    const { transport, requests, lines } = grafana({ body: { id: 4, uid: 'monitor', title: 'Monitor' } }, saved);
    await client(transport, '8.5.0').saveDashboard({ dashboard, folderUid: 'monitor', replaces: 'any' });
    expect(lines()).toEqual(['GET /api/folders/monitor', 'POST /api/dashboards/db']);
    expect(bodyOf(requests[1])).toEqual({ dashboard: { ...dashboard, id: null }, folderId: 4, overwrite: true });
  });

  it.each([
    [403, 'Quota reached', 'grafana-full'],
    [403, 'Access denied', 'grafana-forbidden'],
    [400, 'Cannot save provisioned dashboard', 'grafana-read-only'],
    [412, 'A dashboard with the same name in the folder already exists', 'grafana-title-taken'],
    [412, 'The dashboard has been changed by someone else', 'grafana-conflict'],
    [500, 'attempt to write a readonly database', 'grafana-failed'],
    [500, 'transactional operation: resource update: database or disk is full', 'grafana-full'],
  ])('that Grafana refuses (HTTP %i, %s) fail with what to do', async (status, message, code) => {
    const { transport } = grafana({ status, body: { message } });
    const failure = client(transport).saveDashboard({ dashboard, folderUid: 'monitor' });
    await expect(failure).rejects.toMatchObject({
      ...{ code, message: 'Grafana did not save the dashboard "A"', detail: [`HTTP ${status}: ${message}`] },
      suggestion: expect.any(String),
    });
  });

  it('may name panels of the library, which Grafana has from 8 on', async () => {
    const panel = { uid: 'cpu', name: 'CPU', kind: 1, model: { type: 'timeseries' }, meta: { folderUid: 'monitor' } };
    const { transport } = grafana(
      { body: { result: { totalCount: 1, elements: [panel] } } },
      { status: 404, body: '' },
    );
    expect(await client(transport).listLibraryPanels()).toEqual(new Map([['cpu', { type: 'timeseries' }]]));
    expect(await client(transport).listLibraryPanels()).toEqual(new Map());
  });

  it('in the second schema are there, and cannot be read', async () => {
    const { transport } = grafana({ status: 406, body: { message: 'dashboard api version not supported' } });
    expect(await client(transport).getDashboard('a')).toMatchObject({ uid: 'a', dashboard: undefined });
  });

  it('are not read from an answer without any', async () => {
    for (const body of ['[]', '<html>', { dashboard: {} }]) {
      const { transport } = grafana({ body });
      await expect(client(transport).getDashboard('a')).rejects.toMatchObject({ code: 'grafana-answer' });
    }
  });

  it('are saved one after the other, however they are asked for, since SQLite has one writer', async () => {
    let atOnce = 0;
    let most = 0;
    const transport: Transport = async () => {
      most = Math.max(most, ++atOnce);
      await new Promise((done) => setImmediate(done));
      atOnce--;
      return { status: 200, headers: {}, body: JSON.stringify(saved.body) };
    };
    const made = client(transport);
    await Promise.all([1, 2, 3].map(() => made.saveDashboard({ dashboard, folderUid: 'monitor' })));
    expect(most).toBe(1);
  });

  it('that are gone already can be deleted', async () => {
    const { transport } = grafana({ status: 404, body: { message: 'Dashboard not found' } });
    await client(transport).deleteDashboard('a');
  });
});
