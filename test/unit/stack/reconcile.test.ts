import { describe, expect, it } from 'vitest';
import type { Container } from '../../../src/docker/engine.ts';
import { reconcile } from '../../../src/stack/reconcile.ts';
import { container } from '../../support/containers.ts';
import {
  attached,
  config,
  configOf,
  desiredFor,
  image,
  network,
  observed,
  planText,
  standing,
  statOfConfig,
  volume,
} from '../../support/observed.ts';
import { failureOf } from '../config/support.ts';

const missing = { pull: 'missing' } as const;
const plain = desiredFor(config());

/** The plan as text, without the waits and comparisons at its end. */
const changes = (...[desired, engine, options = missing]: Partial<Parameters<typeof reconcile>>): string[] =>
  planText(reconcile(desired ?? plain, engine ?? observed(), options)).filter((line) => !/: wait /.test(line));

const WAITS = [
  'prometheus: wait until prometheus is ready (a start is done when it answers)',
  'prometheus: wait until prometheus has loaded prometheus.yml (a configuration counts when it is loaded)',
  'grafana: wait until grafana is ready (a start is done when it answers)',
];

describe('a first up', () => {
  it('pulls, checks, creates, fills, starts and waits, each container in its own lane', () => {
    expect(planText(reconcile(plain, observed(), missing))).toEqual([
      'stack: create network monitoring (it does not exist)',
      'prometheus: pull image prom/prometheus:v3.13.2 (the engine does not have it)',
      'prometheus: check prometheus.yml with promtool in prom/prometheus:v3.13.2 (before it is put in place)',
      'prometheus: create volume prometheus-data (it does not exist)',
      'prometheus: create container prometheus (it does not exist)',
      'prometheus: put /etc/prometheus/prometheus.yml into prometheus (before it starts)',
      'prometheus: start container prometheus (it is new)',
      ...WAITS.slice(0, 2),
      'grafana: pull image grafana/grafana:13.2.3 (the engine does not have it)',
      'grafana: create volume grafana-data (it does not exist)',
      'grafana: create container grafana (it does not exist)',
      'grafana: put /run/secrets/grafana_admin_password into grafana (before it starts)',
      'grafana: start container grafana (it is new)',
      ...WAITS.slice(2),
      'grafana: create datasource Prometheus (missing)',
    ]);
  });

  it('pulls nothing that is there, and keeps the volumes that are', () => {
    const engine = observed({ images: standing(plain).images, volumes: standing(plain).volumes });
    expect(changes(plain, engine).filter((line) => /pull|volume/.test(line))).toEqual([]);
  });

  it('joins the networks that targets need before it starts', () => {
    const engine = observed({
      containers: [container('events', { networks: [attached('shop')] })],
      networks: [network('bridge'), network('shop')],
    });
    const plan = changes(desiredFor(config('targets: ["events:9100"]'), engine), engine);
    const connect = plan.indexOf('prometheus: connect prometheus to network shop (a target is on it)');
    expect(connect).toBeGreaterThan(plan.findIndex((line) => line.includes('create container prometheus')));
    expect(connect).toBeLessThan(plan.findIndex((line) => line.includes('start container prometheus')));
  });
});

describe('a second up', () => {
  it('has nothing to do where both servers answer', () => {
    expect(planText(reconcile(plain, standing(plain), missing))).toEqual([]);
  });

  it('waits for servers that are still on their way up', () => {
    const { grafana: _, prometheus, ...rest } = standing(plain);
    const engine = { ...rest, prometheus: { file: prometheus?.file, loaded: undefined, targets: [] } };
    expect(planText(reconcile(plain, engine, missing))).toEqual(WAITS);
  });

  it('has the same plan in whatever order the engine lists containers and networks', () => {
    const engine = standing(plain);
    const reversed = {
      ...engine,
      containers: engine.containers.toReversed(),
      networks: engine.networks.toReversed(),
      own: new Map([...engine.own].reverse()),
    };
    const desired = desiredFor(config('targets: ["events:9100"]', 'grafana: {port: 3999}'));
    expect(changes(desired, reversed)).toEqual(changes(desired, engine));
  });
});

describe('a changed monitor.yml', () => {
  it('with another target has the new file checked, put in place and reloaded, and nothing recreated', () => {
    expect(changes(desiredFor(config('targets: ["events:9100"]')), standing(plain))).toEqual([
      'prometheus: check prometheus.yml with promtool in prometheus (before it is put in place)',
      'prometheus: put /etc/prometheus/prometheus.yml into prometheus (prometheus.yml changed)',
      'prometheus: reload prometheus (prometheus.yml changed)',
    ]);
  });

  it('whose file is in place and was not loaded is brought in again', () => {
    const engine = standing(
      plain,
      {},
      { prometheus: { file: statOfConfig(configOf(plain)), loaded: 'global: {}', targets: [] } },
    );
    expect(changes(plain, engine)).toEqual([
      'prometheus: check prometheus.yml with promtool in prometheus (before it is put in place)',
      'prometheus: put /etc/prometheus/prometheus.yml into prometheus (the prometheus.yml in place is not the one that is loaded)',
      'prometheus: reload prometheus (the prometheus.yml in place is not the one that is loaded)',
    ]);
  });

  it('is not judged by a Prometheus that does not answer yet: it is waited for', () => {
    const engine = standing(
      plain,
      {},
      { prometheus: { file: statOfConfig(configOf(plain)), loaded: undefined, targets: [] } },
    );
    expect(planText(reconcile(plain, engine, missing))).toEqual(WAITS.filter((line) => line.startsWith('prometheus:')));
  });

  it('with another port recreates that container and keeps its volume', () => {
    expect(changes(desiredFor(config('prometheus: {port: 9191}')), standing(plain))).toEqual([
      'prometheus: check prometheus.yml with promtool in prom/prometheus:v3.13.2 (before it is put in place)',
      'prometheus: stop container prometheus (its ports, mounts, environment, command or network changed)',
      'prometheus: remove container prometheus (its ports, mounts, environment, command or network changed; its volume stays)',
      'prometheus: create container prometheus (its ports, mounts, environment, command or network changed)',
      'prometheus: put /etc/prometheus/prometheus.yml into prometheus (before it starts)',
      'prometheus: start container prometheus (it is new)',
    ]);
  });

  it.each([
    ['bind: 0.0.0.0', ['prometheus', 'grafana']],
    ['prometheus: {retention: {time: 1d}}', ['prometheus']],
    ['prometheus: {volume: other}', ['prometheus']],
    ['grafana: {admin_user: root}', ['grafana']],
    ['grafana: {volume: other}', ['grafana']],
    ['targets: ["events:9100"]', []],
    ['scrape_interval: 5s', []],
    ['detect: {enabled: false}', []],
  ])('with `%s` recreates %j', (line, recreated) => {
    const plan = changes(desiredFor(config(line)), standing(plain));
    expect(plan.flatMap((l) => /: remove container (\S+)/.exec(l)?.[1] ?? [])).toEqual(recreated);
  });

  it('looks on its volume for the files that prometheus.yml names', () => {
    const checked = (input: Parameters<typeof reconcile>[1]) =>
      reconcile(desiredFor(config('prometheus: {port: 9191}')), input, { pull: 'missing' }).operations.find(
        (o) => o.kind === 'checkConfig',
      );
    expect(checked(standing(plain))).toMatchObject({ mounts: [{ volume: 'prometheus-data', target: '/prometheus' }] });
    expect(checked({ ...standing(plain), volumes: new Map() })).toMatchObject({ mounts: [] });
  });

  it('with another image pulls and checks with it before the old container goes', () => {
    expect(changes(desiredFor(config('prometheus: {image: "prom/prometheus:v3.5.0"}')), standing(plain))).toEqual([
      'prometheus: pull image prom/prometheus:v3.5.0 (the engine does not have it)',
      'prometheus: check prometheus.yml with promtool in prom/prometheus:v3.5.0 (before it is put in place)',
      'prometheus: stop container prometheus (its image is prom/prometheus:v3.13.2, wanted prom/prometheus:v3.5.0)',
      'prometheus: remove container prometheus (its image is prom/prometheus:v3.13.2, wanted prom/prometheus:v3.5.0; its volume stays)',
      'prometheus: create container prometheus (its image is prom/prometheus:v3.13.2, wanted prom/prometheus:v3.5.0)',
      'prometheus: put /etc/prometheus/prometheus.yml into prometheus (before it starts)',
      'prometheus: start container prometheus (it is new)',
    ]);
  });

  it('with another container name replaces the container that has our role', () => {
    expect(changes(desiredFor(config('grafana: {container: boards}')), standing(plain))).toEqual([
      'grafana: stop container grafana (its name is grafana, wanted boards)',
      'grafana: remove container grafana (its name is grafana, wanted boards; its volume stays)',
      'grafana: create container boards (its name is grafana, wanted boards)',
      'grafana: put /run/secrets/grafana_admin_password into boards (before it starts)',
      'grafana: start container boards (it is new)',
    ]);
  });
});

describe('an image of the same name that is newer', () => {
  it('recreates the container', () => {
    const engine = standing(plain);
    const { image: reference } = { image: 'grafana/grafana:13.2.3' };
    const images = new Map([...engine.images, [reference, image(reference, { id: 'sha256:newer' })]]);
    expect(changes(plain, { ...engine, images })[0]).toBe(
      'grafana: stop container grafana (image grafana/grafana:13.2.3 is another one now)',
    );
  });
});

describe('an image that Podman calls by another name', () => {
  it('is the same while its id is', () => {
    const podman = {
      row: { image: 'registry.example/grafana/grafana:13.2.3' },
      detail: { image: 'registry.example/grafana/grafana:13.2.3' },
    };
    expect(changes(plain, standing(plain, { grafana: podman }))).toEqual([]);
  });
});

describe('networks', () => {
  it('of the stack’s name are brought down to the one that is in use', () => {
    const engine = standing(plain);
    const twin = network('monitoring', { id: 'twin', labels: { 'monitor.stack': 'monitoring' } });
    expect(changes(plain, { ...engine, networks: [twin, ...engine.networks] })).toEqual([
      'stack: remove network monitoring (another network has the same name)',
    ]);
  });

  it('are left when no target needs them, after the new file is loaded', () => {
    const before = desiredFor(config());
    const engine = standing(
      before,
      {
        prometheus: {
          detail: {
            networks: [
              { ...attached('monitoring'), aliases: ['prometheus'] },
              { ...attached('shop'), aliases: [] },
            ],
          },
        },
      },
      { prometheus: { file: statOfConfig('old'), loaded: 'old', targets: [] } },
    );
    expect(changes(before, engine)).toEqual([
      'prometheus: check prometheus.yml with promtool in prometheus (before it is put in place)',
      'prometheus: put /etc/prometheus/prometheus.yml into prometheus (prometheus.yml changed)',
      'prometheus: reload prometheus (prometheus.yml changed)',
      'prometheus: disconnect prometheus from network shop (no target needs it)',
    ]);
  });

  it('are joined before the new file is loaded', () => {
    const shop = { containers: [container('events', { networks: [attached('shop')] })] };
    const wanted = desiredFor(config('targets: ["events:9100"]'), observed({ ...shop, networks: [network('shop')] }));
    const engine = standing(plain, {}, { ...shop, networks: [network('shop'), ...standing(plain).networks] });
    expect(changes(wanted, engine)).toEqual([
      'prometheus: connect prometheus to network shop (a target is on it)',
      'prometheus: check prometheus.yml with promtool in prometheus (before it is put in place)',
      'prometheus: put /etc/prometheus/prometheus.yml into prometheus (prometheus.yml changed)',
      'prometheus: reload prometheus (prometheus.yml changed)',
    ]);
  });

  it('are joined again if Prometheus lacks its alias there', () => {
    const networks = [{ ...attached('monitoring'), aliases: ['0123456789ab'] }];
    expect(changes(plain, standing(plain, { prometheus: { detail: { networks } } }))).toEqual([
      'prometheus: disconnect prometheus from network monitoring (it lacks the alias prometheus there)',
      'prometheus: connect prometheus to network monitoring (it lacks the alias prometheus there)',
    ]);
  });

  it('of the stack are joined again if the container was disconnected', () => {
    expect(changes(plain, standing(plain, { grafana: { detail: { networks: [] } } }))).toEqual([
      'grafana: connect grafana to network monitoring (it is the stack’s own)',
    ]);
  });

  it('that the stack did not create are used, with a notice', () => {
    const engine = standing(plain, {}, { networks: [network('monitoring')] });
    expect(changes(plain, engine)).toEqual([
      '! network monitoring was not created by this stack: it is used, and never removed',
    ]);
  });

  it('that were removed or recreated make a stopped container be recreated, and leave a running one', () => {
    const anew = { networks: [network('monitoring', { id: 'another', labels: { 'monitor.stack': 'monitoring' } })] };
    expect(changes(plain, standing(plain, {}, anew))).toEqual([]);
    const stopped = standing(plain, { grafana: { row: { state: 'exited' } } }, anew);
    expect(changes(plain, stopped)[0]).toBe(
      'grafana: stop container grafana (its network monitoring was removed or recreated)',
    );
  });
});

describe('containers that do not run', () => {
  it.each(['exited', 'created'] as const)('but are %s are filled again and started', (state) => {
    expect(changes(plain, standing(plain, { prometheus: { row: { state } } }))).toEqual([
      'prometheus: check prometheus.yml with promtool in prom/prometheus:v3.13.2 (before it is put in place)',
      'prometheus: put /etc/prometheus/prometheus.yml into prometheus (before it starts)',
      `prometheus: start container prometheus (it is ${state})`,
    ]);
  });

  it('and never did, so that the engine has given them no network yet, are started all the same', () => {
    const networks = [
      { ...attached('monitoring', { networkId: '', ipAddress: '' }), aliases: ['grafana', 'monitoring-grafana'] },
    ];
    const engine = standing(plain, { grafana: { row: { state: 'created' }, detail: { networks } } });
    expect(changes(plain, engine)).toEqual([
      'grafana: put /run/secrets/grafana_admin_password into grafana (before it starts)',
      'grafana: start container grafana (it is created)',
    ]);
  });

  it('and whose image is gone get it first', () => {
    const engine = standing(plain, { prometheus: { row: { state: 'exited' } } }, { images: new Map() });
    expect(changes(plain, engine).slice(0, 2)).toEqual([
      'prometheus: pull image prom/prometheus:v3.13.2 (the engine does not have it)',
      'prometheus: check prometheus.yml with promtool in prom/prometheus:v3.13.2 (before it is put in place)',
    ]);
  });

  it('but fail again and again are stopped before they are started with what is right', () => {
    const engine = standing(plain, { grafana: { row: { state: 'restarting' } } });
    expect(changes(plain, engine)).toEqual([
      'grafana: stop container grafana (it keeps restarting)',
      'grafana: put /run/secrets/grafana_admin_password into grafana (before it starts)',
      'grafana: start container grafana (it is restarting)',
    ]);
  });

  it.each(['paused', 'dead'] as const)('but are %s are made anew', (state) => {
    const engine = standing(plain, { grafana: { row: { state } } });
    expect(changes(plain, engine).slice(0, 2)).toEqual([
      `grafana: stop container grafana (it is ${state})`,
      `grafana: remove container grafana (it is ${state}; its volume stays)`,
    ]);
  });
});

describe('a Prometheus that the engine failed to connect to a network', () => {
  const half = (desired: ReturnType<typeof desiredFor>) =>
    standing(desired, { prometheus: { detail: { halfConnected: ['full'] } } });

  it('is restarted without it, since the engine would not start it again', () => {
    expect(changes(plain, half(plain))).toEqual([
      'prometheus: check prometheus.yml with promtool in prometheus (before it is put in place)',
      'prometheus: stop container prometheus (connecting it to network full failed, and the engine cannot start it again like this)',
      'prometheus: disconnect prometheus from network full (no target needs it)',
      'prometheus: put /etc/prometheus/prometheus.yml into prometheus (before it starts)',
      'prometheus: start container prometheus (connecting it to network full failed, and the engine cannot start it again like this)',
    ]);
  });

  it('is connected where a target needs it', () => {
    const engine = observed({
      networks: [network('bridge'), network('full')],
      containers: [container('web', { networks: [attached('full')] })],
    });
    const desired = desiredFor(config('targets: ["web:9100"]'), engine);
    const { networks = [] } = standing(desired).own.get('id-of-prometheus') ?? {};
    const detail = { networks: networks.filter((n) => n.name !== 'full'), halfConnected: ['full'] };
    expect(changes(desired, standing(desired, { prometheus: { detail } }))).toEqual([
      'prometheus: connect prometheus to network full (a target is on it)',
    ]);
  });
});

describe('a restart', () => {
  it('stops and starts what was named, with the configuration checked before', () => {
    expect(changes(plain, standing(plain), { ...missing, restart: ['prometheus'] })).toEqual([
      'prometheus: check prometheus.yml with promtool in prometheus (before it is put in place)',
      'prometheus: stop container prometheus (a restart was asked for)',
      'prometheus: put /etc/prometheus/prometheus.yml into prometheus (before it starts)',
      'prometheus: start container prometheus (a restart was asked for)',
    ]);
  });

  it('of both leaves nothing running as it was', () => {
    const plan = changes(plain, standing(plain), { ...missing, restart: ['prometheus', 'grafana'] });
    expect(plan.filter((line) => line.includes('stop container'))).toHaveLength(2);
  });

  it('of a container that is recreated anyway recreates it once', () => {
    const engine = standing(plain);
    const plan = changes(desiredFor(config('grafana: {port: 3003}')), engine, { ...missing, restart: ['grafana'] });
    expect(plan.filter((line) => line.includes('start container'))).toHaveLength(1);
  });
});

describe('containers of the stack that monitor.yml does not know', () => {
  it('are removed first: a check that was cut off, an exporter that was switched off', () => {
    const labels = { 'monitor.stack': 'monitoring' };
    const containers = [
      container('monitor-check-1', { labels }),
      container('old-exporter', { labels: { ...labels, 'monitor.role': 'exporter', 'monitor.exporter': 'redis' } }),
    ];
    expect(changes(plain, standing(plain, {}, { containers }))).toEqual([
      'stack: remove container monitor-check-1 (it is no longer in monitor.yml)',
      'stack: remove container old-exporter (it is no longer in monitor.yml)',
    ]);
  });

  it('are left alone when they are of another stack', () => {
    const labels = { 'monitor.stack': 'shop', 'monitor.role': 'prometheus' };
    expect(changes(plain, standing(plain, {}, { containers: [container('shop-prometheus', { labels })] }))).toEqual([]);
  });
});

describe('containers, volumes and networks of others', () => {
  it('a container of our name is an error with the two ways out', () => {
    const containers = [container('grafana', { image: 'grafana/grafana:9', state: 'exited' })];
    const error = failureOf(() => reconcile(plain, observed({ containers }), missing));
    expect(error).toMatchObject({ code: 'name-taken', exitCode: 1 });
    expect(error.message).toBe(
      'The container name "grafana" is already in use by a container that does not belong to this stack',
    );
    expect(error.detail).toEqual(['grafana: not created by monitor, image grafana/grafana:9, exited']);
    expect(error.suggestion).toBe(
      'choose another name (grafana.container in monitor.yml), or remove the existing one (docker rm -f grafana)',
    );
  });

  it('an internal network cannot be that of the stack, since no port is published there', () => {
    const networks = [network('monitoring', { isInternal: true })];
    const error = failureOf(() => reconcile(plain, observed({ networks }), missing));
    expect(error).toMatchObject({ code: 'network-internal', exitCode: 1 });
  });

  it('two containers of our names are one error that names both', () => {
    const containers = [container('prometheus', { labels: { 'monitor.stack': 'shop' } }), container('grafana')];
    const error = failureOf(() => reconcile(plain, observed({ containers }), missing));
    expect(error.message).toBe(
      'The container names "prometheus" and "grafana" are already in use by containers that do not belong to this stack',
    );
    expect(error.detail[0]).toContain('belongs to the stack "shop"');
    expect(error.suggestion).toContain('`monitor down` with `name: shop` in monitor.yml');
    expect(error.suggestion).toContain('prometheus.container and grafana.container');
    expect(error.suggestion).toContain('docker rm -f prometheus grafana');
  });

  it('a volume with the stack’s name is used, with a notice', () => {
    const engine = standing(plain);
    const volumes = new Map([...engine.volumes, ['grafana-data', volume('grafana-data')]]);
    expect(changes(plain, { ...engine, volumes })).toEqual([
      '! volume grafana-data was not created by this stack: it is used with what is in it, and never removed',
    ]);
  });
});

describe('another container on the stack’s network that is called prometheus', () => {
  const called = (differences: Partial<Container>) => {
    const engine = standing(plain);
    const other = container('shop-prometheus-1', { networks: [attached('monitoring')], ...differences });
    return changes(plain, { ...engine, containers: [...engine.containers, other] });
  };

  it('is reported, since Grafana may reach it', () => {
    const labels = { 'com.docker.compose.service': 'prometheus' };
    expect(called({ labels })).toEqual([
      expect.stringMatching(/^! container shop-prometheus-1 also has the name "prometheus" on network monitoring/),
    ]);
    expect(called({ labels, networks: [attached('elsewhere')] })).toEqual([]);
    expect(called({ labels, state: 'exited' })).toEqual([]);
    expect(called({})).toEqual([]);
  });
});

describe('a busy port', () => {
  const holder = (hostIp: string, type: 'tcp' | 'udp' = 'tcp') =>
    container('web', { ports: [{ privatePort: 80, publicPort: 9090, hostIp, type }] });

  it('is an error that names the container that holds it and a port that is free', () => {
    const containers = [
      holder('127.0.0.1'),
      container('api', { ports: [{ privatePort: 80, publicPort: 9091, hostIp: '', type: 'tcp' }] }),
    ];
    const error = failureOf(() => reconcile(plain, observed({ containers, busyPorts: [9092] }), missing));
    expect(error).toMatchObject({ code: 'port-in-use', exitCode: 1, detail: ['by container web'] });
    expect(error.message).toBe('Port 9090 on 127.0.0.1, on which prometheus is to be published, is already in use');
    expect(error.suggestion).toBe(
      'set prometheus.port in monitor.yml to another port (9093 looks free), or stop what uses it',
    );
  });

  it('is reported if a process holds it', () => {
    const error = failureOf(() => reconcile(plain, observed({ busyPorts: [3000] }), missing));
    expect(error.detail).toEqual(['by a process on this machine']);
    expect(error.suggestion).toContain('grafana.port');
  });

  it('is busy on any address when one of the two is on all addresses', () => {
    const everywhere = desiredFor(config('bind: 0.0.0.0'));
    expect(() => reconcile(everywhere, observed({ containers: [holder('127.0.0.1')] }), missing)).toThrow('9090');
    expect(() => reconcile(plain, observed({ containers: [holder('0.0.0.0')] }), missing)).toThrow('9090');
    expect(() => reconcile(plain, observed({ containers: [holder('::')] }), missing)).toThrow('9090');
  });

  it('is not busy on another address, or over UDP', () => {
    expect(changes(plain, observed({ containers: [holder('127.0.0.2')] }))).not.toEqual([]);
    expect(changes(plain, observed({ containers: [holder('127.0.0.1', 'udp')] }))).not.toEqual([]);
  });

  it('is not a port that the stack itself holds, even if it moves from one container to the other', () => {
    const swapped = desiredFor(config('prometheus: {port: 3000}', 'grafana: {port: 9090}'));
    expect(() => reconcile(swapped, standing(plain), missing)).not.toThrow();
  });

  it('is suggested no higher than a port can be', () => {
    const last = desiredFor(config('prometheus: {port: 65535}'));
    const error = failureOf(() => reconcile(last, observed({ busyPorts: [65_535] }), missing));
    expect(error.suggestion).not.toContain('65536');
  });
});

describe('--pull never', () => {
  const never = { pull: 'never' } as const;

  it('is an error that names what is missing and how to load it', () => {
    const error = failureOf(() => reconcile(plain, observed(), never));
    expect(error).toMatchObject({ code: 'image-missing', exitCode: 1 });
    expect(error.message).toContain('prom/prometheus:v3.13.2 and grafana/grafana:13.2.3');
    expect(error.suggestion).toContain('docker load -i');
  });

  it('is fine where the images are there, or are not needed', () => {
    expect(changes(plain, observed({ images: standing(plain).images }), never)).not.toEqual([]);
    expect(changes(plain, standing(plain, {}, { images: new Map() }), never)).toEqual([]);
  });
});
