import { randomBytes } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askGrafana, changeDatasource, datasource, queryThroughGrafana } from '../support/ask.ts';
import { container, findVolume } from '../support/engine-view.ts';
import { freshStack, type TestStack } from '../support/stack.ts';
import { besidesDashboards } from '../support/up-changes.ts';

const WANTED = {
  name: 'Prometheus',
  uid: 'prometheus',
  type: 'prometheus',
  access: 'proxy',
  url: 'http://prometheus:9090',
  isDefault: true,
  jsonData: { httpMethod: 'POST', timeInterval: '1s' },
};

let stack: TestStack;
const passwordFile = () => join(stack.folder, '.monitor/grafana-admin-password');
const password = () => stack.stateFile('grafana-admin-password').trim();

beforeAll(async () => {
  stack = await freshStack({ what: 'graf' });
  await stack.succeed(['up']);
});

afterAll(() => stack.remove());

describe('Grafana', { sequential: true }, () => {
  it('has the stack’s Prometheus as its default datasource, which answers queries', async () => {
    expect(await datasource(stack)).toMatchObject(WANTED);
    expect((await queryThroughGrafana(stack, 'vector(1)'))[0]?.value).toBe(1);
  });

  it('is not written to by a second `up`', async () => {
    const before = await datasource(stack);
    const report = (await stack.succeed(['up', '--json'])).report('up');
    expect(report.datasource).toMatchObject({ ok: true });
    expect(besidesDashboards(report)).toEqual([]);
    expect(await datasource(stack)).toEqual(before);
  });

  it('gets its datasource repaired if it was changed, and keeps what was added to it', async () => {
    await changeDatasource(stack, { url: 'http://elsewhere:9090' });
    const ran = await stack.succeed(['up']);
    expect(ran.stderr).toMatch(/Datasource Prometheus +Updated/);
    expect(await datasource(stack)).toMatchObject(WANTED);
    await changeDatasource(stack, { jsonData: { httpMethod: 'GET', timeInterval: '1m', queryTimeout: '77s' } });
    await stack.succeed(['up']);
    expect(await datasource(stack)).toMatchObject(WANTED);
    expect(await datasource(stack)).toMatchObject({ jsonData: { queryTimeout: '77s' } });
  });

  it('follows the scrape interval of monitor.yml', async () => {
    stack.edit('scrape_interval: 1s', 'scrape_interval: 2s');
    await stack.succeed(['up']);
    expect(await datasource(stack)).toMatchObject({ jsonData: { timeInterval: '2s' } });
  });

  it('has its password in a file that only its user reads, and not in its environment', async () => {
    expect(statSync(passwordFile()).mode & 0o777).toBe(0o600);
    expect(await stack.monitor(['password', '--json'])).toMatchObject({ code: 0 });
    const report = (await stack.succeed(['password', '--json'])).report('password');
    expect(report).toMatchObject({ user: 'admin', password: password(), source: passwordFile(), reset: false });
    const inspected = await container(stack.grafana.container);
    expect(JSON.stringify(inspected)).not.toContain(password());
    expect(inspected.Config.Env).toContain('GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/grafana_admin_password');
  });

  it('neither phones home, nor looks for updates, nor installs plugins', async () => {
    expect((await container(stack.grafana.container)).Config.Env).toEqual(
      expect.arrayContaining([
        'GF_ANALYTICS_REPORTING_ENABLED=false',
        'GF_ANALYTICS_CHECK_FOR_UPDATES=false',
        'GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES=false',
        'GF_PLUGINS_PREINSTALL_DISABLED=true',
      ]),
    );
  });

  /** Five wrong passwords within five minutes lock the user. The tests below send four, of which `up` sends one. */
  it('is tried once with a wrong password, and the error names the way out', async () => {
    const right = password();
    writeFileSync(passwordFile(), 'not-the-password\n');
    const ran = await stack.monitor(['up']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('does not accept the password of user "admin"');
    expect(ran.stderr).toContain('monitor password --reset');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      expect(await askGrafana(stack, '/api/datasources', { password: 'not-it-either' })).toMatchObject({ status: 401 });
    }
    expect(await askGrafana(stack, '/api/datasources', { password: right })).toMatchObject({ status: 200 });
  });

  it('takes the password that `password --reset` sets, and the next `up` works with it', async () => {
    const report = (await stack.succeed(['password', '--reset', '--json'])).report('password');
    expect(report).toMatchObject({ reset: true, password: password() });
    expect(statSync(passwordFile()).mode & 0o777).toBe(0o600);
    expect(await askGrafana(stack, '/api/datasources')).toMatchObject({ status: 200 });
    expect((await stack.succeed(['up', '--json'])).report('up')).toMatchObject({ datasource: { ok: true } });
  });

  it('starts with the password of MONITOR_GRAFANA_PASSWORD, which is written nowhere', async () => {
    const given = `given-${randomBytes(6).toString('hex')}`;
    await stack.succeed(['down', '--volumes', '--yes']);
    expect(await findVolume(stack.grafana.volume)).toBeUndefined();
    await stack.succeed(['up'], { MONITOR_GRAFANA_PASSWORD: given });
    expect(await askGrafana(stack, '/api/datasources', { password: given })).toMatchObject({ status: 200 });
    expect(password()).not.toBe(given);
    expect(JSON.stringify(await container(stack.grafana.container))).not.toContain(given);
    const printed = await stack.succeed(['password', '--json'], { MONITOR_GRAFANA_PASSWORD: given });
    expect(printed.report('password')).toMatchObject({ password: given, source: 'MONITOR_GRAFANA_PASSWORD' });
  });

  it('is signed in to at once on another volume, though it refused the password on the one before', async () => {
    stack.edit('grafana:\n', `grafana:\n  volume: ${stack.grafana.volume}-2\n`);
    expect((await stack.succeed(['up', '--json'])).report('up')).toMatchObject({ datasource: { ok: true } });
  });
});
