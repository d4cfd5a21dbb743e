import { describe, expect, it, onTestFinished } from 'vitest';
import type { StandIn } from '../../support/grafana-stand-in/start.ts';
import { ask, fakePrometheus, standInFor } from './harness.ts';

const datasource = { name: 'P', type: 'prometheus', access: 'proxy', uid: 'p', url: 'http://127.0.0.1:1' };

async function send(standIn: StandIn, method: string, path: string, body: unknown) {
  const { status, text } = await ask(standIn, path, { method, body });
  return { status, body: JSON.parse(text) };
}

async function read(standIn: StandIn, path: string) {
  const { status, text } = await ask(standIn, path);
  return { status, body: JSON.parse(text) };
}

async function prometheus(answer: string, status?: number) {
  const server = await fakePrometheus(answer, status);
  onTestFinished(server.close);
  return server;
}

describe('what the stand-in does not know', () => {
  it.each([
    ['GET', '/api/org'],
    ['POST', '/api/ds/query'],
    ['PATCH', '/api/datasources'],
  ])('it refuses with 501: %s %s', async (method, path) => {
    const answer = await send(await standInFor({}), method, path, method === 'GET' ? undefined : {});
    expect(answer).toEqual({ status: 501, body: { message: `The Grafana stand-in does not know ${method} ${path}` } });
  });

  it('includes a search by parameters it has no answers for', async () => {
    expect((await read(await standInFor({}), '/api/search?starred=true')).status).toBe(501);
  });
});

it('state is there again after a restart', async () => {
  const first = await standInFor({});
  await send(first, 'POST', '/api/datasources', datasource);
  await send(first, 'POST', '/api/dashboards/db', { dashboard: { uid: 'd', title: 'D' } });
  await first.close();
  const second = await standInFor({ dataDir: first.dataDir });
  expect(await read(second, '/api/datasources/uid/p')).toMatchObject({ status: 200, body: { name: 'P' } });
  expect(await read(second, '/api/dashboards/uid/d')).toMatchObject({ status: 200, body: { meta: { version: 1 } } });
});

describe('the proxy', () => {
  it('forwards GET and POST by number and by uid, with the datasource credentials and without the caller ones', async () => {
    const target = await prometheus('{"status":"success"}');
    const standIn = await standInFor({});
    const credentials = { basicAuth: true, basicAuthUser: 'u', secureJsonData: { basicAuthPassword: 's' } };
    await send(standIn, 'POST', '/api/datasources', { ...datasource, ...credentials, url: `${target.url}/base/` });
    expect((await read(standIn, '/api/datasources/proxy/uid/p/api/v1/query?query=a%2Bb')).body.status).toBe('success');
    await send(standIn, 'POST', '/api/datasources/proxy/1/api/v1/query', 'query=up');
    const authorization = `Basic ${Buffer.from('u:s').toString('base64')}`;
    expect(target.seen).toEqual([
      { method: 'GET', url: '/base/api/v1/query?query=a%2Bb', body: '', authorization },
      { method: 'POST', url: '/base/api/v1/query', body: 'query=up', authorization },
    ]);
  });

  it("passes on Prometheus's errors", async () => {
    const target = await prometheus('{"status":"error"}', 400);
    const standIn = await standInFor({});
    await send(standIn, 'POST', '/api/datasources', { ...datasource, url: target.url });
    const answer = await read(standIn, '/api/datasources/proxy/1/api/v1/query?query=(');
    expect(answer).toEqual({ status: 400, body: { status: 'error' } });
  });

  it('says 502 and why where nothing listens', async () => {
    const standIn = await standInFor({});
    await send(standIn, 'POST', '/api/datasources', datasource);
    const answer = await read(standIn, '/api/datasources/proxy/1/api/v1/query?query=up');
    expect(answer.status).toBe(502);
    expect(answer.body.message).toContain('ECONNREFUSED');
  });
});

describe('datasources', () => {
  it('have one default, the last that was made so', async () => {
    const standIn = await standInFor({});
    await send(standIn, 'POST', '/api/datasources', { ...datasource, isDefault: true });
    await send(standIn, 'POST', '/api/datasources', { ...datasource, name: 'Q', uid: 'q', isDefault: true });
    expect((await read(standIn, '/api/datasources/uid/p')).body.isDefault).toBe(false);
    await send(standIn, 'PUT', '/api/datasources/uid/p', { ...datasource, isDefault: true });
    const list = (await read(standIn, '/api/datasources')).body;
    expect(list.map((one: { isDefault: boolean }) => one.isDefault)).toEqual([true, false]);
  });

  it('refuse a used uid, a bad uid and a bad URL', async () => {
    const standIn = await standInFor({});
    const create = (body: object) => send(standIn, 'POST', '/api/datasources', { ...datasource, ...body });
    await create({});
    const used = { message: 'data source with the same uid already exists', traceID: '' };
    expect(await create({ name: 'Q' })).toEqual({ status: 409, body: used });
    expect((await create({ name: 'Q', uid: 'a b' })).status).toBe(400);
    expect((await create({ name: 'Q', uid: 'q', url: 'http://x:y' })).status).toBe(400);
  });

  it('refuse an update from an older version and take one from the current', async () => {
    const standIn = await standInFor({});
    await send(standIn, 'POST', '/api/datasources', datasource);
    const update = (version: number) => send(standIn, 'PUT', '/api/datasources/uid/p', { ...datasource, version });
    expect((await update(1)).body.datasource.version).toBe(2);
    expect((await update(1)).status).toBe(409);
    expect((await update(2)).body.datasource.version).toBe(3);
  });

  it('show which secrets are set and never the secrets, also after an update without them', async () => {
    const standIn = await standInFor({});
    await send(standIn, 'POST', '/api/datasources', { ...datasource, secureJsonData: { token: 'hush' } });
    await send(standIn, 'PUT', '/api/datasources/uid/p', datasource);
    const { text } = await ask(standIn, '/api/datasources/uid/p');
    expect(JSON.parse(text).secureJsonFields).toEqual({ token: true });
    expect(text).not.toContain('hush');
  });
});

describe('dashboards', () => {
  const save = (standIn: StandIn, dashboard: object, rest: object = {}) =>
    send(standIn, 'POST', '/api/dashboards/db', { dashboard, ...rest });

  it('take a save from the current version only, unless it overwrites', async () => {
    const standIn = await standInFor({});
    await save(standIn, { uid: 'd', title: 'D' });
    expect((await save(standIn, { uid: 'd', title: 'D', version: 1 })).body.version).toBe(2);
    expect((await save(standIn, { uid: 'd', title: 'D', version: 1 })).status).toBe(412);
    expect((await save(standIn, { uid: 'd', title: 'D' }, { overwrite: true })).body.version).toBe(3);
  });

  it('have one of a title in a folder: an overwrite under another uid replaces it under its own', async () => {
    const standIn = await standInFor({ version: '7.5.5' });
    await save(standIn, { uid: 'd', title: 'D' });
    expect(await save(standIn, { uid: 'e', title: 'D' })).toMatchObject({
      status: 412,
      body: { status: 'name-exists' },
    });
    const overwritten = await save(standIn, { uid: 'e', title: 'D' }, { overwrite: true });
    expect(overwritten.body).toMatchObject({ id: 1, uid: 'd', version: 2 });
  });

  it('are refused in a folder that is not there, with an id that is not there, or refreshed too often', async () => {
    const standIn = await standInFor({});
    expect((await save(standIn, { title: 'D' }, { folderUid: 'none' })).body.message).toBe('folder not found');
    expect((await save(standIn, { id: 9, title: 'D' })).status).toBe(404);
    expect((await save(standIn, { title: 'D', refresh: '1s' })).status).toBe(400);
    expect((await save(standIn, { id: null, title: 'D', refresh: '5s' })).status).toBe(200);
  });

  it('go with their folder', async () => {
    const standIn = await standInFor({});
    await send(standIn, 'POST', '/api/folders', { uid: 'f', title: 'F' });
    await save(standIn, { uid: 'd', title: 'D' }, { folderUid: 'f' });
    expect((await read(standIn, '/api/search?folderUIDs=f')).body).toHaveLength(1);
    await ask(standIn, '/api/folders/f', { method: 'DELETE' });
    expect((await read(standIn, '/api/dashboards/uid/d')).status).toBe(404);
    expect((await read(standIn, '/api/folders/f')).status).toBe(404);
  });

  it('are not imported without a value for every input', async () => {
    const standIn = await standInFor({});
    const dashboard = { title: 'I', __inputs: [{ name: 'DS', type: 'datasource' }] };
    expect((await send(standIn, 'POST', '/api/dashboards/import', { dashboard, inputs: [] })).status).toBe(500);
    expect((await send(standIn, 'POST', '/api/dashboards/import', {})).status).toBe(422);
  });

  it('are imported with their inputs filled in', async () => {
    const standIn = await standInFor({});
    const __inputs = [{ name: 'DS', type: 'datasource' }];
    const dashboard = { title: 'I', uid: 'i', __inputs, panels: [{ datasource: { uid: '$' + '{DS}' } }] };
    const inputs = [{ name: '*', type: 'datasource', value: 'p' }];
    await send(standIn, 'POST', '/api/dashboards/import', { dashboard, inputs });
    const stored = (await read(standIn, '/api/dashboards/uid/i')).body.dashboard;
    expect(stored.panels).toEqual([{ datasource: { uid: 'p' } }]);
    expect(stored).not.toHaveProperty('__inputs');
  });
});

describe('annotations', () => {
  const add = (standIn: StandIn, annotation: object) => send(standIn, 'POST', '/api/annotations', annotation);

  it('are found by all of their tags, newest first, and lose what follows a second colon', async () => {
    const standIn = await standInFor({});
    expect((await add(standIn, { time: 1000, text: 'one', tags: ['a', 'b:c:d'] })).body).toEqual({
      id: 1,
      message: 'Annotation added',
    });
    await add(standIn, { time: 2000, text: 'two', tags: ['a'] });
    const texts = async (query: string) =>
      (await read(standIn, `/api/annotations?${query}`)).body.map(({ text }: { text: string }) => text);
    expect(await texts('tags=a')).toEqual(['two', 'one']);
    expect(await texts('tags=a&tags=b:c')).toEqual(['one']);
    expect(await texts('from=1500&to=2500&limit=5&type=annotation')).toEqual(['two']);
    expect((await read(standIn, '/api/annotations?tags=b:c')).body[0].tags).toEqual(['a', 'b:c']);
  });

  it('need a text', async () => {
    expect((await add(await standInFor({}), { time: 1000, tags: [] })).status).toBe(400);
  });
});

describe('a person and a Prometheus who open the address', () => {
  it.each(['/', '/login'])('read on %s that this is not Grafana and which one it answers for', async (path) => {
    const { text, headers } = await ask(await standInFor({}), path, { authorization: null });
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(text).toContain('This is not Grafana');
    expect(text).toContain('9.4.0-pre');
  });

  it('find metrics', async () => {
    const standIn = await standInFor({});
    await ask(standIn, '/api/health');
    const { text, headers } = await ask(standIn, '/metrics', { authorization: null });
    expect(headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toContain('http_requests_total{code="200",method="get"} 1\n');
    expect(text).toMatch(/^grafana_stand_in_build_info\{stands_in_for="9.4.0-pre",node="v.+"\} 1$/m);
    expect(text).toMatch(/^process_cpu_seconds_total [\d.]+$/m);
  });
});

it('every request is logged with its answer', async () => {
  const lines: string[] = [];
  const standIn = await standInFor({ log: (line) => lines.push(line) });
  await ask(standIn, '/api/search?query=x');
  await ask(standIn, '/api/none');
  expect(lines).toEqual(['GET /api/search 200', 'GET /api/none 501']);
});

describe('as 13', () => {
  const unreachable = 'There was an error returned querying the Prometheus API.';

  it('the numeric routes of datasources are gone', async () => {
    const standIn = await standInFor({ version: '13' });
    await send(standIn, 'POST', '/api/datasources', datasource);
    const paths = ['/api/datasources/1', '/api/datasources/1/health', '/api/datasources/proxy/1/api/v1/query'];
    for (const path of paths) expect((await read(standIn, path)).status).toBe(404);
    expect((await send(standIn, 'PUT', '/api/datasources/1', datasource)).status).toBe(404);
    expect((await send(standIn, 'PUT', '/api/datasources/uid/p', datasource)).status).toBe(200);
  });

  it('a datasource keeps its uid', async () => {
    const standIn = await standInFor({ version: '13' });
    await send(standIn, 'POST', '/api/datasources', datasource);
    expect((await send(standIn, 'PUT', '/api/datasources/uid/p', { ...datasource, uid: 'q' })).status).toBe(400);
  });

  it('its health is whether Prometheus answers 1+1', async () => {
    const target = await prometheus('{"status":"success"}');
    const standIn = await standInFor({ version: '13' });
    await send(standIn, 'POST', '/api/datasources', { ...datasource, url: target.url });
    const healthy = { message: 'Successfully queried the Prometheus API.', status: 'OK' };
    expect(await read(standIn, '/api/datasources/uid/p/health')).toMatchObject({ status: 200, body: healthy });
    expect(target.seen[0]?.url).toBe('/api/v1/query?query=1%2B1');
    await target.close();
    const ill = await read(standIn, '/api/datasources/uid/p/health');
    expect(ill).toMatchObject({ status: 400, body: { status: 'ERROR' } });
    expect(ill.body.message).toContain(unreachable);
  });

  it('a folder is named by its uid: a number puts the dashboard in the root', async () => {
    const standIn = await standInFor({ version: '13' });
    await send(standIn, 'POST', '/api/folders', { uid: 'f', title: 'F' });
    const save = (uid: string, folder: object) =>
      send(standIn, 'POST', '/api/dashboards/db', { dashboard: { uid, title: uid }, ...folder });
    expect((await save('a', { folderId: 1 })).body.folderUid).toBe('');
    expect((await save('b', { folderUid: 'f' })).body.folderUid).toBe('f');
  });

  it('it reports 13.2.3 and answers wrong passwords in its own words', async () => {
    const standIn = await standInFor({ version: '13' });
    expect((await read(standIn, '/api/health')).body.version).toBe('13.2.3');
    const refused = await ask(standIn, '/api/user', { authorization: 'Basic eDp5' });
    expect(JSON.parse(refused.text)).toMatchObject({ messageId: 'password-auth.failed', statusCode: 401 });
  });
});
