import { describe, expect, it } from 'vitest';
import { EXPORTERS, missingOptions } from '../../../src/config/exporter-table.ts';
import { serverState } from '../../../src/exporters/ask.ts';
import { exporterNamed, serverFor, unusualPort } from '../../../src/exporters/chosen.ts';
import { missingCredentials, valuesFromServer, valuesFromVariable } from '../../../src/exporters/credentials.ts';
import { container, tcp } from '../../support/containers.ts';
import { failureOf } from '../config/support.ts';

describe('its name', () => {
  it('is that of a known exporter', () => {
    expect(exporterNamed('redis')).toBe('redis');
  });

  it.each([
    ['postgre', 'did you mean postgres?'],
    ['postgresql', 'did you mean postgres?'],
    ['mysqld', 'did you mean mysql?'],
    ['oracle', expect.stringContaining('monitor add-target')],
  ])('%s is none, and the nearest and all are named', (name, suggestion) => {
    expect(failureOf(() => exporterNamed(name))).toMatchObject({
      code: 'unknown-exporter',
      exitCode: 2,
      detail: [expect.stringContaining('postgres, mysql, redis, mongo, nginx')],
      suggestion,
    });
  });
});

describe('its server', () => {
  const db = container('db', { image: 'postgres:18' });
  const cache = container('cache', { image: 'redis' });

  it('is the only one of its kind that runs', () => {
    const stopped = container('old', { image: 'postgres', state: 'exited' });
    const ours = container('e', { image: 'postgres', labels: { 'monitor.stack': 's' } });
    expect(serverFor('postgres', undefined, [cache, db, stopped, ours])).toBe(db);
  });

  it('is the named one, whatever its image, running or not', () => {
    const own = container('own', { image: 'x', state: 'exited' });
    expect(serverFor('postgres', 'own', [db, own])).toBe(own);
  });

  it('has to be named if there are several or none', () => {
    const other = container('db2', { ports: tcp(5432) });
    expect(failureOf(() => serverFor('postgres', undefined, [other, db]))).toMatchObject({
      code: 'several-servers',
      exitCode: 2,
      detail: ['db', 'db2'],
      suggestion: 'name one: monitor add-exporter postgres --for db',
    });
    expect(failureOf(() => serverFor('mongo', undefined, [db]))).toMatchObject({ code: 'no-server', exitCode: 2 });
  });

  it('that is not found is refused with the nearest name', () => {
    expect(failureOf(() => serverFor('postgres', 'bd', [container('db1'), cache]))).toMatchObject({
      code: 'no-such-container',
      exitCode: 2,
    });
    expect(failureOf(() => serverFor('redis', 'cach', [cache])).suggestion).toBe('did you mean cache?');
  });

  it('listens on the port that its image exposes, if that is the only one', () => {
    expect(unusualPort(EXPORTERS.nginx, container('web', { ports: tcp(8080) }))).toBe(8080);
    expect(unusualPort(EXPORTERS.nginx, container('web', { ports: tcp(80) }))).toBeUndefined();
    expect(unusualPort(EXPORTERS.nginx, container('web', { ports: tcp(8080, 8443) }))).toBeUndefined();
    expect(unusualPort(EXPORTERS.nginx, container('web'))).toBeUndefined();
  });
});

describe('credentials from the server’s environment', () => {
  it('are those that its image documents', () => {
    const env = { POSTGRES_PASSWORD: 'p', POSTGRES_USER: '', POSTGRES_DB: 'shop', HOME: '/' };
    expect(valuesFromServer(EXPORTERS.postgres, env, {})).toEqual({ password: 'p', database: 'shop' });
  });

  it('do not replace options that are given', () => {
    const env = { MYSQL_USER: 'app', MYSQL_PASSWORD: 'p' };
    expect(valuesFromServer(EXPORTERS.mysql, env, { user: 'me' })).toEqual({ password: 'p' });
  });

  it('are those of the administrator if there is no other user, or if asked for', () => {
    const admin = { MYSQL_ROOT_PASSWORD: 'r' };
    expect(valuesFromServer(EXPORTERS.mysql, admin, {})).toEqual({ user: 'root', password: 'r' });
    const both = { ...admin, MYSQL_USER: 'app', MYSQL_PASSWORD: 'p' };
    expect(valuesFromServer(EXPORTERS.mysql, both, {})).toEqual({ user: 'app', password: 'p' });
    expect(valuesFromServer(EXPORTERS.mysql, both, { user: 'root' })).toMatchObject({ password: 'r' });
  });

  it('or the password alone, from an environment variable', () => {
    expect(valuesFromVariable({ PW: 'p' }, 'PW')).toEqual({ password: 'p' });
    expect(valuesFromVariable({ PW: '' }, 'PW')).toEqual({});
  });

  it('that are missing are named with every way to give them', () => {
    const missing = missingOptions(EXPORTERS.mysql, {});
    const error = missingCredentials({ name: 'mysql', for: 'db' }, missing);
    expect(error).toMatchObject({ code: 'credentials-missing', exitCode: 2 });
    expect(error.detail.join('\n')).toMatch(
      /--user USER and --password-stdin < FILE\n.*VARIABLE.*\n.*MYSQL_ROOT_PASSWORD/,
    );
  });
});

describe('the state of its server', () => {
  it.each<[string, string | undefined]>([
    ['# TYPE pg_up gauge\npg_up 1\n', 'up'],
    ['pg_up 0\npg_uptime 7\n', 'down'],
    ['pg_up{server="db:5432"} 0\n', 'down'],
    ['pg_uptime 0\n', undefined],
    ['', undefined],
  ])('%j: %s', (body, state) => {
    expect(serverState(body, EXPORTERS.postgres)).toBe(state);
  });

  it('is unknown for an exporter of the machine', () => {
    expect(serverState('node_up 0\n', EXPORTERS.node)).toBeUndefined();
  });
});
