import { describe, expect, it } from 'vitest';
import type { Container } from '../../../src/docker/engine.ts';
import { exporterContainer, placeExporter } from '../../../src/exporters/components.ts';
import type { DesiredContainer, Snapshot } from '../../../src/stack/model.ts';
import { reconcile } from '../../../src/stack/reconcile.ts';
import { resolveTargets } from '../../../src/stack/resolve-targets.ts';
import { container } from '../../support/containers.ts';
import { attached, config, desiredFor, network, observed, planText, standing } from '../../support/observed.ts';

const POSTGRES = 'exporters: [{name: postgres, for: db, image: e:1}]';
const on = (...names: string[]): Partial<Container> => ({ networks: names.map((name) => attached(name)) });
const withDb = (changes: Partial<Container> = on('shop')): Snapshot =>
  observed({
    containers: [container('db', changes)],
    networks: ['bridge', 'shop', 'monitoring'].map((name) => network(name)),
  });

const exporterIn = (lines: string, engine: Snapshot = withDb(), password = 'p'): DesiredContainer => {
  const found = desiredFor(config(lines), engine, 'g', { password }).containers.find((c) => c.role === 'exporter');
  if (found === undefined) throw new Error('no exporter');
  return found;
};

describe('where its server is', () => {
  const placed = (changes: Partial<Container>) => {
    const wanted = config(POSTGRES);
    const [exporter] = wanted.exporters;
    if (exporter === undefined) throw new Error('no exporter');
    return placeExporter(exporter, withDb(changes), wanted.network);
  };

  it.each<[string, Partial<Container>, object]>([
    ['on a network of its own, by its name there', on('shop'), { server: { host: 'db', port: 5432 }, network: 'shop' }],
    ['on ours, by its name', on('monitoring'), { server: { host: 'db', port: 5432 } }],
    [
      'on the default bridge, by its address',
      { networks: [attached('bridge', { ipAddress: '172.17.0.9' })] },
      { server: { host: '172.17.0.9', port: 5432 }, network: 'bridge' },
    ],
    [
      'on the machine’s network, through the machine',
      { networkMode: 'host', ...on('host') },
      { server: { host: 'host.docker.internal', port: 5432 } },
    ],
  ])('%s', (_, changes, place) => {
    expect(placed(changes)).toEqual(place);
  });

  it('is where its Compose service is', () => {
    const db = { name: 'shop-db-1', labels: { 'com.docker.compose.service': 'db' }, ...on('shop') };
    expect(placed(db)).toMatchObject({ server: { host: 'shop-db-1' }, network: 'shop' });
  });

  it('is unknown, with a notice, if its container is not found or cannot be reached', () => {
    expect(placed({ name: 'other' })).toEqual({
      server: { host: 'db', port: 5432 },
      notice: 'db-postgres-exporter: container db was not found',
    });
    expect(placed({ networks: [] }).notice).toMatch(/cannot reach container db: it is on no network/);
    expect(resolveTargets(config(POSTGRES), observed()).notices).toHaveLength(1);
  });
});

describe('its container', () => {
  it('is hardened, on our network and its server’s, and publishes nothing', () => {
    expect(exporterIn(POSTGRES)).toMatchObject({
      spec: {
        name: 'db-postgres-exporter',
        image: 'e:1',
        network: { name: 'monitoring' },
        ports: [],
        mounts: [],
        extraHosts: [],
        restart: 'unless-stopped',
        capDrop: ['ALL'],
        securityOpt: ['no-new-privileges'],
        labels: {
          'monitor.stack': 'monitoring',
          'monitor.role': 'exporter',
          'monitor.exporter': 'postgres/db',
          'monitor.server': 'db:5432',
        },
      },
      networks: [{ name: 'monitoring' }, { name: 'shop' }],
    });
  });

  it('has its password in a file that is a secret, or in a variable of its own; never in its labels or arguments', () => {
    const { spec, files } = exporterIn(POSTGRES, withDb(), 'hunter2');
    expect(files).toEqual([{ path: '/run/secrets/exporter_password', content: 'hunter2', secret: true }]);
    expect(JSON.stringify(spec)).not.toContain('hunter2');
    const mysql = exporterIn('exporters: [{name: mysql, for: db, user: me}]', withDb(), 'hunter2');
    expect(mysql.files).toEqual([]);
    expect(mysql.spec.env).toEqual({ MYSQLD_EXPORTER_PASSWORD: 'hunter2' });
    expect(JSON.stringify([mysql.spec.command, mysql.spec.labels])).not.toContain('hunter2');
  });

  it('mounts the host paths that its documentation asks for, for node and cadvisor only', () => {
    const node = exporterIn('exporters: [{name: node}]');
    expect(node.spec).toMatchObject({ binds: ['/:/host:ro'], pidMode: 'host', capDrop: ['ALL'], ports: [] });
    const cadvisor = exporterIn('exporters: [{name: cadvisor}]');
    expect(cadvisor.spec.binds?.every((bind) => bind.endsWith(':ro'))).toBe(true);
    expect(cadvisor.spec.pidMode).toBeUndefined();
    expect(exporterIn(POSTGRES).spec.binds).toBeUndefined();
  });

  it('resolves host.docker.internal if its server is on the host’s network', () => {
    const engine = withDb({ networkMode: 'host', ...on('host') });
    expect(exporterIn(POSTGRES, engine).spec.extraHosts).toEqual(['host.docker.internal:host-gateway']);
  });
});

describe('its target', () => {
  it('is reached on our network, and has its server as its instance', () => {
    const { targets } = resolveTargets(
      config('exporters: [{name: redis, for: db, port: 6380}, {name: node}]'),
      withDb(),
    );
    expect(targets.slice(2)).toMatchObject([
      { job: 'redis', address: 'db-redis-exporter:9121', instance: 'db:6380', origin: 'exporter' },
      { job: 'node', address: 'node-exporter:9100', instance: 'node-exporter:9100' },
    ]);
    expect(targets.slice(2).every((t) => t.network === undefined)).toBe(true);
  });
});

describe('the plan', () => {
  const engine = withDb();
  const wanted = desiredFor(config(POSTGRES), engine, 'g', { password: 'p' });
  const exporterLines = (plan: ReturnType<typeof reconcile>): string[] =>
    planText(plan).filter((line) => line.includes('exporter'));

  it('creates it as a part of its own', () => {
    expect(exporterLines(reconcile(wanted, engine, { pull: 'missing' }))).toEqual([
      'exporter db-postgres-exporter: pull image e:1 (the engine does not have it)',
      'exporter db-postgres-exporter: create container db-postgres-exporter (it does not exist)',
      'exporter db-postgres-exporter: connect db-postgres-exporter to network shop (its server is on it)',
      'exporter db-postgres-exporter: put /run/secrets/exporter_password into db-postgres-exporter (before it starts)',
      'exporter db-postgres-exporter: start container db-postgres-exporter (it is new)',
      'exporter db-postgres-exporter: wait until db-postgres-exporter is ready (it may end at its start)',
    ]);
  });

  it('does nothing about one that runs', () => {
    expect(exporterLines(reconcile(wanted, standing(wanted), { pull: 'missing' }))).toEqual([]);
  });

  it('follows its server to another network, without a new container', () => {
    const moved = desiredFor(config(POSTGRES), withDb(on('bazaar')), 'g', { password: 'p' });
    const there = { ...standing(wanted), networks: ['monitoring', 'shop', 'bazaar'].map((name) => network(name)) };
    const onBazaar = desiredFor(config(POSTGRES), { ...withDb(on('bazaar')), networks: [network('bazaar')] }, 'g', {
      password: 'p',
    });
    expect(moved.containers).toHaveLength(3);
    expect(exporterLines(reconcile(onBazaar, there, { pull: 'missing' }))).toEqual([
      'exporter db-postgres-exporter: connect db-postgres-exporter to network bazaar (its server is on it)',
      'exporter db-postgres-exporter: disconnect db-postgres-exporter from network shop (its server is not on it)',
    ]);
  });

  it('recreates it if its secrets changed', () => {
    const [config0] = config(POSTGRES).exporters;
    if (config0 === undefined) throw new Error('no exporter');
    const hashOf = (revision: string) =>
      exporterContainer(config(POSTGRES), { config: config0, values: { password: 'p' }, revision }, engine).spec.labels[
        'monitor.config-hash'
      ];
    expect(hashOf('r1')).toBe(wanted.containers[2]?.spec.labels['monitor.config-hash']);
    expect(hashOf('r2')).not.toBe(hashOf('r1'));
  });

  it('recreates it if its options changed', () => {
    const other = desiredFor(config('exporters: [{name: postgres, for: db, image: e:1, user: me}]'), engine, 'g', {
      password: 'p',
    });
    expect(exporterLines(reconcile(other, standing(wanted), { pull: 'missing' }))).toEqual(
      expect.arrayContaining([expect.stringContaining('create container db-postgres-exporter')]),
    );
  });

  it('removes one that is no longer in monitor.yml, and keeps one without credentials', () => {
    const none = desiredFor(config());
    expect(exporterLines(reconcile(none, standing(wanted), { pull: 'missing' }))).toEqual([
      'stack: remove container db-postgres-exporter (it is no longer in monitor.yml)',
    ]);
    const spared = { ...none, spared: ['postgres/db'] };
    expect(exporterLines(reconcile(spared, standing(wanted), { pull: 'missing' }))).toEqual([]);
  });

  it('refuses a container of its name outside the stack', () => {
    const taken = { ...engine, containers: [...engine.containers, container('db-postgres-exporter')] };
    expect(() => reconcile(wanted, taken, { pull: 'missing' })).toThrow(/"db-postgres-exporter" is already in use/);
  });
});
