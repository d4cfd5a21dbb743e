import { existsSync, readdirSync, renameSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ensureServiceImage } from '../../scripts/sandbox/services.ts';
import { recognize } from '../../src/detect/recognize.ts';
import { beforeAsking, survey } from '../../src/detect/survey.ts';
import { connect } from '../../src/docker/connect.ts';
import { suggest } from '../../src/exporters/suggestions.ts';
import type { ReportOf } from '../../src/output/report.ts';
import { eventually, sampleOf, targetsOf } from '../support/ask.ts';
import {
  addressOn,
  container,
  docker,
  dropsAllCapabilities,
  fileIn,
  findContainer,
  isPodman,
  networksOf,
} from '../support/engine-view.ts';
import type { MonitorOptions } from '../support/monitor.ts';
import { moveOnBridge } from '../support/move-on-bridge.ts';
import { startServer } from '../support/servers.ts';
import { freshStack, type TestStack } from '../support/stack.ts';

const onPodman = await isPodman();

/** Real servers and real exporters of Debian's packages, on one stack; each part goes on from the one before. */
let stack: TestStack;
let shop: string;
let db: string;
let cache: string;
let images: Record<'postgres' | 'redis' | 'mysql' | 'nginx' | 'node', string>;
/** An image whose program ends at once. */
let dead: string;

const SECRET = 's3cr$t%#"&;';
const named = (what: string): string => `${stack.name}-${what}`;
const exporterOf = (server: string, kind: string): string => `${stack.name}-${server}-${kind}-exporter`;
const add = async (args: readonly string[], env: MonitorOptions['env'] = {}): Promise<ReportOf<'add-exporter'>> =>
  (await stack.succeed(['add-exporter', ...args, '--json'], env)).report('add-exporter');
/** Dashboards follow what was scraped in the meantime. */
const apartFromDashboards = (notices: readonly string[]): string[] => notices.filter((n) => !/dashboards/.test(n));
const dbReads = (): Promise<number> => sampleOf(stack, `pg_up{job="postgres",instance="${db}:5432"}`);

beforeAll(async () => {
  stack = await freshStack({ what: 'exp' });
  [shop, db, cache, dead] = [named('shop'), named('db'), named('cache'), `${named('dead')}:1`];
  const [postgres, redis, mysql, nginx, node] = await Promise.all([
    ensureServiceImage('postgres-exporter'),
    ensureServiceImage('redis-exporter'),
    ensureServiceImage('mysqld-exporter'),
    ensureServiceImage('nginx-exporter'),
    ensureServiceImage('node-exporter'),
  ]);
  images = { postgres, redis, mysql, nginx, node };
  await stack.users.network(shop);
  await Promise.all([
    startServer(stack.name, 'postgres', {
      name: db,
      network: shop,
      env: [`POSTGRES_PASSWORD=${SECRET}`, 'POSTGRES_DB=shop'],
    }),
    startServer(stack.name, 'mariadb', { name: named('sql'), network: shop, env: [`MARIADB_ROOT_PASSWORD=${SECRET}`] }),
    startServer(stack.name, 'redis', {
      name: cache,
      command: ['redis-server', '--bind', '0.0.0.0', '--protected-mode', 'no', '--requirepass', SECRET],
    }),
    startServer(stack.name, 'nginx', { name: named('web'), network: shop }),
    stack.succeed(['up']),
  ]);
}, 180_000);

afterAll(async () => {
  await stack.remove();
  await docker
    .getImage(dead)
    .remove()
    .catch(() => undefined);
});

describe('an exporter', { sequential: true }, () => {
  it('without the credentials that it needs is refused, and nothing is written', async () => {
    const before = stack.config();
    const ran = await stack.monitor(['add-exporter', 'postgres', '--for', db, '--image', images.postgres]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toMatch(/--password-stdin < FILE[\s\S]*--from-env VARIABLE[\s\S]*POSTGRES_PASSWORD/);
    expect(stack.config()).toBe(before);
    expect(existsSync(join(stack.folder, '.monitor/exporters'))).toBe(false);
    expect(await findContainer(exporterOf(db, 'postgres'))).toBeUndefined();
  });

  it('with a wrong password is reported in its own words and without the password', async () => {
    const ran = await stack.succeed([
      'add-exporter',
      'postgres',
      '--for',
      db,
      '--password',
      'wrong-one',
      '--image',
      images.postgres,
    ]);
    expect(ran.stdout).toMatch(/cannot read .*:5432: the credentials are wrong, or it cannot be reached/);
    expect(ran.stdout).toMatch(/its log: .*password authentication failed for user "postgres"/);
    expect(ran.stdout + ran.stderr).not.toContain('wrong-one');
  });

  it('whose server listens on 127.0.0.1 only says so, as long as it is up and cannot read it', async () => {
    const inside = named('inside');
    await startServer(stack.name, 'redis', {
      name: inside,
      network: shop,
      command: ['redis-server', '--bind', '127.0.0.1'],
    });
    const { answer } = await add(['redis', '--for', inside, '--image', images.redis]);
    expect(answer).toMatchObject({
      server: 'down',
      reason: expect.stringContaining(`container ${inside} listens on 127.0.0.1:6379 only`),
      remedy: expect.stringContaining('0.0.0.0:6379'),
    });
    await eventually(async () => expect(await sampleOf(stack, `redis_up{instance="${inside}:6379"}`)).toBe(0));
    const [explained, status] = await Promise.all([
      stack.monitor(['explain', inside]),
      stack.monitor(['status', '--json']),
    ]);
    expect(explained.stdout).toMatch(
      /^! \S+-inside:6379 \(job redis\) is up: it runs, and cannot read .*127\.0\.0\.1:6379 only/,
    );
    expect(explained.stdout).toMatch(/; its log: /);
    expect(status.report('status').targets.find((t) => t.instance === `${inside}:6379`)).toMatchObject({
      health: 'up',
      code: 'server-on-loopback',
      remedy: expect.stringContaining('0.0.0.0:6379'),
    });
    await docker.getContainer(inside).stop({ t: 0 });
    expect((await stack.monitor(['explain', `${inside}:6379`])).stdout).toMatch(
      /cannot read \S+: container \S+ has ended/,
    );
    await stack.succeed(['remove-exporter', 'redis', '--for', inside]);
    await docker.getContainer(inside).remove({ force: true });
  });

  it('takes the credentials from its server’s container with --from-env, and serves metrics', async () => {
    const report = await add(['postgres', '--for', db, '--from-env']);
    expect(report).toMatchObject({
      change: 'updated',
      for: db,
      container: exporterOf(db, 'postgres'),
      job: 'postgres',
      instance: `${db}:5432`,
      applied: true,
      answer: { ok: true, server: 'up', metrics: expect.any(Number) },
    });
    await eventually(async () => expect(await dbReads()).toBe(1));
    expect(await networksOf(exporterOf(db, 'postgres'))).toEqual([stack.network, shop].sort());
  });

  it('keeps its password out of monitor.yml and of what an inspect shows', async () => {
    expect(stack.config()).toContain('from_env: true');
    expect(stack.config()).not.toContain('s3cr');
    const path = join(stack.folder, '.monitor/exporters', `postgres-${db}.json`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(await container(exporterOf(db, 'postgres')))).not.toContain('s3cr');
    expect(JSON.stringify(await container(db))).not.toContain('monitor.stack');
  });

  it('is hardened as the others, and publishes nothing', async () => {
    const found = await container(exporterOf(db, 'postgres'));
    const { HostConfig, Config } = found;
    expect(dropsAllCapabilities(found)).toBe(true);
    expect(HostConfig).toMatchObject({
      SecurityOpt: ['no-new-privileges'],
      PortBindings: {},
      Privileged: false,
    });
    expect(Config.Labels).toMatchObject({ 'monitor.stack': stack.name, 'monitor.exporter': `postgres/${db}` });
  });

  it('added again is unchanged', async () => {
    const before = await container(exporterOf(db, 'postgres'));
    const text = stack.config();
    expect(await add(['postgres', '--for', db])).toMatchObject({ change: 'unchanged', operations: [] });
    expect(stack.config()).toBe(text);
    expect((await container(exporterOf(db, 'postgres'))).Id).toBe(before.Id);
  });

  it('reaches a server on the default bridge, with a password from a variable of ours', async () => {
    const unset = await stack.monitor(['add-exporter', 'redis', '--for', cache, '--from-env', 'CACHE_PW']);
    expect(unset).toMatchObject({ code: 2, stderr: expect.stringContaining('CACHE_PW is not set') });
    const args = ['redis', '--for', cache, '--from-env', 'CACHE_PW', '--image', images.redis];
    expect(await add(args, { CACHE_PW: SECRET })).toMatchObject({ answer: { ok: true, server: 'up' } });
    expect(await networksOf(exporterOf(cache, 'redis'))).toContain('bridge');
  });

  // Podman does not give an address again so soon.
  it.skipIf(onPodman)(
    'whose server has another address there by now is down, with both addresses, until the next `up`',
    async () => {
      const before = await addressOn(cache, 'bridge');
      const other = await moveOnBridge(stack.users, cache);
      const moved = {
        health: 'down',
        code: 'address-moved',
        cause: expect.stringMatching(
          `${cache} is reached at ${await addressOn(cache, 'bridge')} now, and its exporter reads ${before}, .*${other}`,
        ),
      };
      const status = (await stack.monitor(['status', '--json'])).report('status');
      expect(status.targets.find((t) => t.instance === `${cache}:6379`)).toMatchObject(moved);
      const explained = (await stack.monitor(['explain', cache, '--json'])).report('explain').explained;
      expect(explained).toMatchObject([{ ...moved, remedy: expect.stringContaining('`monitor up`') }]);
      await stack.succeed(['up']);
      await eventually(async () => expect(await sampleOf(stack, `redis_up{instance="${cache}:6379"}`)).toBe(1));
      expect((await stack.succeed(['explain', cache, '--json'])).report('explain').explained).toMatchObject([
        { code: 'up' },
      ]);
    },
  );

  it('reads MariaDB as the administrator of its image, and nginx at its status page', async () => {
    const [sql, web] = [named('sql'), named('web')];
    expect(await add(['mysql', '--for', sql, '--from-env', '--image', images.mysql])).toMatchObject({
      answer: { ok: true, server: 'up' },
    });
    expect(await add(['nginx', '--for', web, '--image', images.nginx])).toMatchObject({ answer: { server: 'up' } });
    await eventually(async () => {
      expect(await sampleOf(stack, `mysql_up{instance="${sql}:3306"}`)).toBe(1);
      expect(await sampleOf(stack, `nginx_up{instance="${web}:80"}`)).toBe(1);
    });
  });

  it('is removed by `down` and created by `up`; one added in between is written to monitor.yml', async () => {
    await stack.succeed(['down']);
    expect(await findContainer(exporterOf(db, 'postgres'))).toBeUndefined();
    const added = await stack.succeed(['add-exporter', 'node', '--image', images.node]);
    expect(added.stdout).toContain('Next: `monitor up`');
    expect(await findContainer(named('node-exporter'))).toBeUndefined();
    // CACHE_PW is not set now: what is stored counts.
    expect(apartFromDashboards((await stack.succeed(['up', '--json'])).report('up').notices)).toEqual([]);
    await eventually(async () => {
      expect(await dbReads()).toBe(1);
      expect(await sampleOf(stack, `redis_up{instance="${cache}:6379"}`)).toBe(1);
      expect(await sampleOf(stack, 'count(node_memory_MemTotal_bytes)')).toBe(1);
    });
    const node = await container(named('node-exporter'));
    expect(dropsAllCapabilities(node)).toBe(true);
    expect(node.HostConfig).toMatchObject({
      Binds: [expect.stringMatching(/^\/:\/host:ro/)],
      PidMode: 'host',
      Privileged: false,
    });
  });

  it('is in status, and is no longer suggested for its server', async () => {
    const status = (await stack.monitor(['status', '--json'])).report('status');
    expect(status.containers.map((c) => c.role)).toEqual(
      expect.arrayContaining([`postgres/${db}`, `redis/${cache}`, 'node']),
    );
    const { suggestions } = (await stack.succeed(['detect', '--json'])).report('detect');
    expect(suggestions.map((s) => s.container).filter((name) => name.startsWith(stack.name))).toEqual([]);
  });

  it('whose secrets are lost is skipped with a notice; its container stays, and nothing else changes', async () => {
    const ids = () =>
      Promise.all(
        [exporterOf(db, 'postgres'), exporterOf(cache, 'redis')].map(async (name) => (await container(name)).Id),
      );
    const before = await ids();
    stack.edit('from_env: true', 'from_env: NOT_SET');
    const path = join(stack.folder, '.monitor/exporters', `postgres-${db}.json`);
    renameSync(path, `${path}.away`);
    const up = (await stack.succeed(['up', '--json'])).report('up');
    expect(apartFromDashboards(up.notices)).toEqual([
      `${exporterOf(db, 'postgres')} is skipped: its password is missing; run \`monitor add-exporter postgres --for ${db} --password-stdin < FILE\``,
    ]);
    expect(up.operations.filter((o) => !o.resource.startsWith('Dashboard'))).toEqual([]);
    expect(await ids()).toEqual(before);
    renameSync(`${path}.away`, path);
    stack.edit('from_env: NOT_SET', 'from_env: true');
  });

  it('taken out of monitor.yml by hand goes at the next `up`; one that ends at its start fails it, and nothing else', async () => {
    await makeDeadImage();
    const removed = { mysql: exporterOf(named('sql'), 'mysql'), node: named('node-exporter') };
    stack.edit(/ {2}- name: mysql\n(?: {4}.*\n)*/, '');
    stack.edit(
      / {2}- name: node\n(?: {4}.*\n)*/,
      `  - {name: memcached, for: ${named('web')}, port: 1, image: "${dead}"}\n`,
    );
    const up = await stack.monitor(['up']);
    expect(up.code).toBe(1);
    expect(up.stderr).toMatch(/exited with code 7 at its start\n[\s\S]*no licence[\s\S]*the rest of the stack matches/);
    expect((await container(exporterOf(named('web'), 'memcached'))).State.Running).toBe(false);
    expect((await container(stack.prometheus.container)).State.Running).toBe(true);
    for (const name of Object.values(removed)) expect(await findContainer(name)).toBeUndefined();
    await eventually(async () =>
      expect((await targetsOf(stack)).map((t) => t.job).sort()).toEqual(
        ['grafana', 'memcached', 'nginx', 'postgres', 'prometheus', 'redis'].sort(),
      ),
    );
  });

  it('whose image cannot be had is refused before anything is written', async () => {
    const before = stack.config();
    const ran = await stack.monitor(['add-exporter', 'kafka', '--for', db, '--image', 'localhost:1/none:1']);
    expect(ran.code).toBe(1);
    expect(stack.config()).toBe(before);
  });

  it('removed leaves no trace', async () => {
    const report = (await stack.succeed(['remove-exporter', 'postgres', '--json'])).report('remove-exporter');
    expect(report).toMatchObject({ change: 'removed', for: db, applied: true });
    for (const kind of ['redis', 'nginx', 'memcached']) await stack.succeed(['remove-exporter', kind]);
    expect(stack.config()).toContain('exporters: []');
    const ours = await docker.listContainers({ all: true, filters: { label: [`monitor.stack=${stack.name}`] } });
    expect(ours.map((c) => c.Labels['monitor.role']).sort()).toEqual(['grafana', 'prometheus']);
    expect(await fileIn(stack.prometheus.container, '/etc/prometheus/prometheus.yml')).not.toContain('exporter');
    const left = readdirSync(join(stack.folder, '.monitor/exporters'));
    expect(left).toEqual([`mysql-${named('sql')}.json`]);
    await eventually(async () =>
      expect((await targetsOf(stack)).map((t) => t.job).sort()).toEqual(['grafana', 'prometheus']),
    );
  });
});

describe('a server with metrics of its own', () => {
  it('needs no exporter: pushgateway and blackbox_exporter are known by their images, and answer Prometheus', async () => {
    const kinds = ['pushgateway', 'blackbox-exporter'] as const;
    await Promise.all(
      kinds.map((kind) => startServer(stack.name, kind, { name: named(kind), network: stack.network })),
    );
    const { env, platform } = process;
    const engine = await connect({ context: undefined, env, homedir: homedir(), platform });
    try {
      const containers = (await engine.listContainers()).filter((c) => kinds.some((kind) => c.name === named(kind)));
      const { candidates } = recognize(containers, () => false);
      expect(candidates.map(({ port, reason }) => [port, reason]).sort()).toEqual([
        [9091, 'image pushgateway'],
        [9115, 'image blackbox-exporter'],
      ]);
      const seen = { containers, networks: await engine.listNetworks() };
      const networks = new Set([stack.network]);
      const vantage = { container: stack.prometheus.container, networks, refused: new Map<string, string>() };
      await eventually(async () => {
        const surveyed = await survey(engine, vantage, beforeAsking(candidates, seen, stack.network));
        expect(surveyed.map((s) => s.verdict)).toMatchObject([{ ok: true }, { ok: true }]);
      });
      expect(suggest(containers, () => false)).toEqual([]);
    } finally {
      engine.close();
    }
  });
});

const makeDeadImage = async (): Promise<void> => {
  const made = await docker.createContainer({ Image: inject('images').busybox });
  const [repo, tag] = dead.split(':');
  const entry = ['/bin/sh', '-c', 'echo no licence; exit 7'];
  await made.commit({ repo, tag, changes: `ENTRYPOINT ${JSON.stringify(entry)}` });
  await made.remove();
};
