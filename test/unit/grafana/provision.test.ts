import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GrafanaClient, grafanaClient, grafanaHealth } from '../../../src/grafana/client.ts';
import {
  type Datasource,
  type GrafanaOperationArguments,
  type OperationOf,
  prometheusDatasource,
} from '../../../src/grafana/model.ts';
import { observeGrafana } from '../../../src/grafana/observe.ts';
import { reconcileDatasource } from '../../../src/grafana/reconcile.ts';
import { parseVersion } from '../../../src/grafana/version.ts';
import { directTransport } from '../../../src/http.ts';
import { type StandIn, startStandIn } from '../../support/grafana-stand-in/start.ts';

const prometheus: Server = createServer((request, response) => {
  const status = request.url?.startsWith('/api/v1/query') ? 200 : 404;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end('{"status":"success","data":{"resultType":"vector","result":[]}}');
});
let desired: Datasource;

const apply = (client: GrafanaClient, operation: OperationOf<GrafanaOperationArguments>): Promise<void> =>
  operation.kind === 'createDatasource'
    ? client.createDatasource(operation.datasource)
    : client.updateDatasource(operation.current, operation.datasource);

beforeAll(async () => {
  await new Promise<void>((done) => prometheus.listen(0, '127.0.0.1', done));
  const address = prometheus.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  desired = { ...prometheusDatasource('15s'), url: `http://127.0.0.1:${address.port}` };
});
afterAll(() => {
  prometheus.close().closeAllConnections();
});

describe.each(['7.5.5', '9.4', '12.4.3', '13'] as const)('provisioning Grafana %s', (version) => {
  let dataDir: string;
  let standIn: StandIn;
  let requests: string[];

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'monitor-grafana-'));
    requests = [];
    const log = (line: string) => requests.push(line);
    standIn = await startStandIn({ version, dataDir, adminPassword: 'right-password', port: 0, log });
  });
  afterEach(async () => {
    await standIn.close();
    rmSync(dataDir, { recursive: true });
  });

  const connect = async (password = 'right-password') => {
    const transport = directTransport('127.0.0.1', standIn.port);
    const health = await grafanaHealth(transport, standIn.url);
    return grafanaClient({
      ...{ transport, url: standIn.url, user: 'admin', password, passwordSource: 'a test' },
      version: parseVersion(health?.version ?? ''),
    });
  };

  /** What `up` does: observe, plan, apply. Returns the plan as text. */
  const provision = async (wanted: Datasource = desired): Promise<string[]> => {
    const client = await connect();
    const { operations, notices } = reconcileDatasource(wanted, await observeGrafana(client, { datasource: wanted }));
    for (const operation of operations) await apply(client, operation);
    return [...operations.map(({ kind, cause }) => `${kind}: ${cause}`), ...notices];
  };

  /** A change by the user, in Grafana. */
  const change = async (changes: Partial<Datasource>) => {
    const client = await connect();
    const current = await client.getDatasourceByUid('prometheus');
    if (current === undefined) throw new Error('not there');
    await client.updateDatasource(current, { ...current, ...changes });
  };

  it('creates the datasource once, and then changes nothing', async () => {
    expect(await provision()).toEqual(['createDatasource: missing']);
    requests = [];
    expect(await provision()).toEqual([]);
    expect(requests).toEqual(['GET /api/health 200', 'GET /api/datasources/uid/prometheus 200']);
  });

  it('repairs what drifted', async () => {
    await provision();
    await change({ url: 'http://127.0.0.1:2', jsonData: {} });
    expect(await provision()).toEqual([
      `updateDatasource: url is "http://127.0.0.1:2", wanted "${desired.url}", ` +
        'jsonData.httpMethod is not set, wanted "POST", jsonData.timeInterval is not set, wanted "15s"',
    ]);
    expect(await provision()).toEqual([]);
  });

  it("keeps the user's jsonData through an update", async () => {
    await provision();
    await change({ jsonData: { ...desired.jsonData, queryTimeout: '30s' } });
    const slower = { ...desired, jsonData: { ...desired.jsonData, timeInterval: '60s' } };
    expect(await provision(slower)).toEqual(['updateDatasource: jsonData.timeInterval is "15s", wanted "60s"']);
    const observed = await (await connect()).getDatasourceByUid('prometheus');
    expect(observed?.jsonData).toEqual({ httpMethod: 'POST', timeInterval: '60s', queryTimeout: '30s' });
  });

  it("leaves the user's datasource its name and its place as default", async () => {
    await (await connect()).createDatasource({ ...desired, uid: 'mine' });
    const notices = [
      'Grafana already has another datasource "Prometheus", so that of the stack is called "Prometheus (monitor)"',
      'Grafana\'s default datasource stays "Prometheus"; that of the stack is "Prometheus (monitor)"',
    ];
    expect(await provision()).toEqual(['createDatasource: missing', ...notices]);
    expect(await provision()).toEqual(notices);
    expect(await (await connect()).listDatasources()).toMatchObject([
      { uid: 'mine', name: 'Prometheus', isDefault: true },
      { uid: 'prometheus', name: 'Prometheus (monitor)', isDefault: false },
    ]);
  });

  it('does not overwrite a change that was made since it looked', async () => {
    await provision();
    await change({ url: 'http://127.0.0.1:2' });
    const client = await connect();
    const { operations } = reconcileDatasource(desired, await observeGrafana(client, { datasource: desired }));
    await change({ url: 'http://127.0.0.1:3' });
    const [operation] = operations;
    if (operation === undefined) throw new Error('no operation');
    await expect(apply(client, operation)).rejects.toMatchObject({ code: 'grafana-conflict' });
  });

  it('reports that it was created meanwhile', async () => {
    const client = await connect();
    await client.createDatasource(desired);
    await expect(client.createDatasource(desired)).rejects.toMatchObject({
      code: 'grafana-conflict',
      detail: ['HTTP 409: data source with the same name already exists'],
    });
  });

  it('tries a wrong password exactly once', async () => {
    const client = await connect('wrong');
    requests = [];
    const look = () => observeGrafana(client, { datasource: desired });
    await expect(client.signedIn(look)).rejects.toMatchObject({ code: 'grafana-password' });
    await expect(look()).rejects.toMatchObject({ code: 'grafana-password' });
    expect(requests).toEqual(['POST /login 401']);
  });

  it('asks Prometheus through the datasource', async () => {
    await provision();
    const client = await connect();
    const how = version === '7.5.5' || version === '9.4' ? 'query' : 'health';
    expect(await client.datasourceHealth({ id: 1, uid: 'prometheus' })).toMatchObject({ ok: true, how });
    await change({ url: 'http://127.0.0.1:2' });
    expect(await client.datasourceHealth({ id: 1, uid: 'prometheus' })).toMatchObject({
      ok: false,
      message: expect.stringContaining('ECONNREFUSED'),
      how,
    });
  });
});
