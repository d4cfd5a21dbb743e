import { mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { tryRun } from '../../scripts/sandbox/run.ts';
import { connect } from '../../src/docker/connect.ts';
import type { Engine } from '../../src/docker/engine.ts';
import type { Listed } from '../../src/export/api-server.ts';
import { composeExport } from '../../src/export/compose.ts';
import { type KubernetesOptions, kubernetesExport } from '../../src/export/kubernetes.ts';
import { kubernetesFiles } from '../../src/export/kubernetes-files.ts';
import type { KubernetesObject } from '../../src/export/objects.ts';
import { FILES_FOLDER } from '../../src/export/passthrough.ts';
import { type PodParts, podOn } from '../../src/export/pods.ts';
import { composeInput, type ExportInput } from '../../src/export/stack-input.ts';
import { withBench } from '../../src/export/verify.ts';
import { writeFolder } from '../../src/export/write-folder.ts';
import type { Series } from '../../src/prometheus/answers.ts';
import type { ActiveTarget } from '../../src/prometheus/client.ts';
import { withThrowaway } from '../../src/stack/throwaway.ts';
import { changingPods } from '../support/changing-pods.ts';
import { exportInput, workload } from '../support/export-input.ts';
import { at, secretTexts } from '../support/kubernetes-check.ts';
import { kubernetesSchemas, operatorSchemas } from '../support/kubernetes-schemas.ts';
import { config } from '../support/observed.ts';
import '../support/sandbox-context.ts';

const OPTIONS: KubernetesOptions = { namespace: 'monitoring', discovery: 'annotations', labels: {}, workloads: true };
const FULL = exportInput(
  config(
    'name: shop',
    'prometheus: {retention: {time: 15d, size: 5GB}}',
    'targets: [events:9100, {address: "localhost:1", labels: {a: "true"}}]',
    'exporters: [{name: postgres, for: db}, {name: mysql, for: db2}, {name: node}, {name: cadvisor}]',
    'scrape_configs: [{job_name: own, basic_auth: {username: me, password: secret}, static_configs: [{targets: ["a.b:1"]}]}]',
  ),
  {
    workloads: [workload('events', 9100), workload('web_app', 8080, { scrape_interval: '5s' })],
    dashboards: [
      { uid: 'small', title: 'Small', json: { panels: [] } },
      { uid: 'big', title: 'Big', json: { text: 'x'.repeat(300_000) } },
    ],
  },
);
const objectsOf = (options: Partial<KubernetesOptions>): KubernetesObject[] =>
  JSON.parse(JSON.stringify(kubernetesExport(FULL, { ...OPTIONS, ...options }).objects));

describe('the schemas of Kubernetes and of the Prometheus operator', () => {
  it('take every object, from 1.25 on, and refuse what is misspelt', async ({ skip }) => {
    const schemas = await kubernetesSchemas();
    if ('because' in schemas) return skip(schemas.because);
    expect([...schemas.keys()]).toEqual(expect.arrayContaining(['v1.25.0', 'v1.37.0']));
    const objects = [...objectsOf({}), ...objectsOf({ existingSecret: 'mine' })];
    for (const [version, validate] of schemas) {
      expect(objects.flatMap((object) => validate(object).map((complaint) => `${version} ${complaint}`))).toEqual([]);
      const misspelt = objects.map((object) => validate({ ...object, specs: {} }));
      expect(misspelt.filter((complaints) => complaints.length === 0)).toEqual([]);
    }
  }, 120_000);

  it('take the operator’s objects, with no key that they do not know', async ({ skip }) => {
    const validate = await operatorSchemas();
    if ('because' in validate) return skip(validate.because);
    const objects = objectsOf({ discovery: 'operator', labels: { release: 'x' } }).filter((o) =>
      o.apiVersion.startsWith('monitoring'),
    );
    expect(new Set(objects.map((o) => o.kind))).toEqual(
      new Set(['Prometheus', 'ServiceMonitor', 'PodMonitor', 'PrometheusRule']),
    );
    expect(objects.flatMap(validate)).toEqual([]);
    expect(
      objects.map((o) => validate({ ...o, spec: { ...Object(o['spec']), misspelt: 1 } })).filter((c) => c.length === 0),
    ).toEqual([]);
  }, 120_000);
});

describe('kubectl', () => {
  it.for(['annotations', 'operator'] as const)(
    'builds the exported objects from the kustomization: %s',
    async (discovery, { skip }) => {
      if ((await tryRun('kubectl', ['version', '--client'])).code !== 0) return skip('kubectl is not installed here');
      const folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
      try {
        const exported = kubernetesExport(FULL, { ...OPTIONS, discovery });
        await writeFolder(folder, kubernetesFiles(exported, true));
        const { stdout } = await tryRun('kubectl', ['kustomize', folder]);
        const built = parseAllDocuments(stdout, { version: '1.1' }).map((document): unknown => document.toJS());
        expect(new Set(built)).toEqual(new Set(objectsOf({ discovery })));
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

const pod = (
  name: string,
  ip: string,
  annotations: Record<string, string>,
  more: Partial<PodParts> & { ports?: number[] } = {},
): Listed => {
  const ports = (more.ports ?? []).map((containerPort) => ({ containerPort, protocol: 'TCP' }));
  return podOn({
    name,
    namespace: 'apps',
    labels: { app: 'events' },
    ip,
    annotations,
    containers: [{ name: 'c', image: 'i', ports }],
    ...more,
  });
};
const scraped = (port: string, rest: Record<string, string> = {}) => ({
  'prometheus.io/scrape': 'true',
  'prometheus.io/port': port,
  ...rest,
});

describe('a real Prometheus with the exported configuration', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await connect({ env: process.env, homedir: homedir(), platform: process.platform });
  });
  afterAll(() => engine.close());

  it('finds the Pods that are annotated, each once, and lets go of those that go', async () => {
    const input = exportInput(config('scrape_interval: 1s', 'exporters: [{name: node}, {name: cadvisor}]'));
    const events = (n: number) =>
      pod(`events-${n}`, `10.1.0.${n}`, scraped('9100', { 'prometheus.io/job': 'eventservice' }), {
        ports: [8181, 9100],
      });
    const others = [
      pod('silent', '10.1.1.1', {}, { ports: [80] }),
      pod('refused', '10.1.1.2', { ...scraped('80'), 'prometheus.io/scrape': 'false' }),
      { ...pod('finished', '10.1.1.3', scraped('80')), status: { phase: 'Succeeded', podIP: '10.1.1.3' } },
      pod('six', 'fd00::1', scraped('9100', { 'prometheus.io/path': 'm', 'prometheus.io/scheme': 'https' }), {
        ports: [9100],
      }),
      pod('six-portless', 'fd00::2', { 'prometheus.io/scrape': 'true' }),
      pod('portless', '10.1.1.5', scraped('7000'), {
        controller: { kind: 'ReplicaSet', name: 'portless-5d4f' },
        labels: {},
      }),
      pod('declared', '10.1.1.6', { 'prometheus.io/scrape': 'true' }, { ports: [1, 2] }),
      podOn({
        name: 'node-0',
        namespace: 'monitoring',
        labels: { 'app.kubernetes.io/name': 'node', 'app.kubernetes.io/instance': 'monitoring' },
        annotations: {},
        containers: [{ name: 'c', ports: [{ containerPort: 9100 }] }],
        ip: '10.0.0.1',
      }),
    ];
    const nodes = [
      {
        metadata: { name: 'node-1' },
        status: {
          addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
          daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
        },
      },
    ];
    const options = { image: inject('images').prometheus.image, stack: 'export-test' };
    const pods = [...others, events(1), events(2)];
    await withBench(engine, options, { pods, nodes }, async ({ api, start }) => {
      const changeTo = changingPods(api, pods);
      const { client } = await start(clusterFiles(input));
      const found = await until(
        () => client.targets(),
        (targets) => targets.length >= 11,
      );
      // Before 3.0 the port of the scheme is in the address.
      const line = ({ job, scrapeUrl, labels: { pod: name, namespace } }: ActiveTarget) =>
        `${job} ${scrapeUrl.replace(':80/', '/')} ${name} ${namespace}`;
      expect(found.map(line).sort()).toEqual([
        'cadvisor https://10.0.0.1:10250/metrics/cadvisor undefined undefined',
        'events http://10.1.1.6:1/metrics declared apps',
        'events http://10.1.1.6:2/metrics declared apps',
        'events http://[fd00::2]/metrics six-portless apps',
        'events https://[fd00::1]:9100/m six apps',
        'eventservice http://10.1.0.1:9100/metrics events-1 apps',
        'eventservice http://10.1.0.2:9100/metrics events-2 apps',
        'grafana http://grafana:3000/metrics undefined undefined',
        'node http://10.0.0.1:9100/metrics undefined undefined',
        'portless http://10.1.1.5:7000/metrics portless apps',
        'prometheus http://localhost:9090/metrics undefined undefined',
      ]);
      expect(found.find((t) => t.labels['pod'] === 'events-1')?.labels).toEqual({
        app: 'events',
        instance: '10.1.0.1:9100',
        job: 'eventservice',
        namespace: 'apps',
        pod: 'events-1',
      });
      expect(found.find((t) => t.job === 'node')?.instance).toBe('node-1');
      // Scaled down, and one more comes.
      changeTo([...others, events(1), events(3)]);
      const after = await until(
        () => client.targets(),
        (targets) => targets.some((t) => t.labels['pod'] === 'events-3'),
      );
      expect(after.flatMap((t) => (t.job === 'eventservice' ? [t.scrapeUrl] : [])).sort()).toEqual([
        'http://10.1.0.1:9100/metrics',
        'http://10.1.0.3:9100/metrics',
      ]);
    });
  });

  it('keeps the series of what was scaled down: events with two replicas, annotated, port 9100 beside 8181', async () => {
    const input = exportInput(config('scrape_interval: 1s'));
    const events = (n: number) =>
      pod(`events-${n}`, `127.0.0.1${n}`, scraped('9100', { 'prometheus.io/job': 'eventservice' }), {
        ports: [8181, 9100],
      });
    const options = { image: inject('images').prometheus.image, stack: 'export-test' };
    const pods = [events(1), events(2)];
    await withBench(engine, options, { pods }, async ({ container, api, start }) => {
      const changeTo = changingPods(api, pods);
      // It serves metrics on each of the Pods' addresses.
      const served =
        '/bin/prometheus --config.file=/etc/app.yml --storage.tsdb.path=/tmp/app --web.listen-address=:9100';
      await engine.putFiles(container, [{ path: '/etc/app.yml', content: '{}', mode: 0o644, uid: 0, gid: 0 }]);
      await engine.exec(container, ['sh', '-c', `${served} >/dev/null 2>&1 &`]);
      const { client } = await start(clusterFiles(input));
      const up = () => client.query('up{job="eventservice"} == 1').then(({ series }) => podsOf(series));
      expect(await until(up, (pods) => pods.length === 2)).toEqual(['events-1', 'events-2']);
      changeTo([events(1)]);
      expect(await until(up, (pods) => pods.length === 1)).toEqual(['events-1']);
      const targets = (await client.targets()).filter(({ job }) => job === 'eventservice');
      expect(targets.map(({ scrapeUrl }) => scrapeUrl)).toEqual(['http://127.0.0.11:9100/metrics']);
      const before = await client.query('max_over_time(up{job="eventservice"}[5m])');
      expect(podsOf(before.series)).toEqual(['events-1', 'events-2']);
    });
  });

  it('is what promtool takes, whatever discovery is written', async () => {
    const { image } = inject('images').prometheus;
    const files = clusterFiles(FULL);
    const operator = objectsOf({ discovery: 'operator' }).find((o) => o.metadata.name.endsWith('scrape-configs'));
    const additional = secretTexts(operator)['scrape-configs.yml'] ?? '';
    const seen = { config: FULL.config, ready: [], unready: [], grafanaPassword: 'x' };
    const compose = composeExport(composeInput(seen, undefined, FULL));
    const configs = [
      files[0]?.content ?? '',
      `scrape_configs:\n${additional.replaceAll('/etc/prometheus/secrets/shop-prometheus-files', FILES_FOLDER)}`,
      compose.prometheusConfig,
    ];
    await withThrowaway(engine, { stack: 'export-test', image, network: 'none' }, async (container) => {
      const named = configs.map((content, n) => ({ path: `/tmp/${n}.yml`, content }));
      await engine.putFiles(
        container,
        [...files.slice(1), SERVICE_TOKEN, ...named].map((file) => ({ ...file, mode: 0o644, uid: 0, gid: 0 })),
      );
      for (const { path } of named) {
        const { exitCode, stdout, stderr } = await engine.exec(container, ['promtool', 'check', 'config', path]);
        expect({ exitCode, said: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, said: '' });
      }
    });
  });
});

const SERVICE_TOKEN = { path: '/var/run/secrets/kubernetes.io/serviceaccount/token', content: 'none' };

/** What is mounted into the exported Prometheus, its configuration first. */
const clusterFiles = (input: ExportInput): { path: string; content: string }[] => {
  const { objects, scrapes } = kubernetesExport(input, OPTIONS);
  const map = objects.find((o) => o.metadata.name.endsWith('prometheus-config'));
  return [
    { path: '/etc/prometheus/prometheus.yml', content: String(at(map, 'data', 'prometheus.yml')) },
    ...Object.entries(scrapes.files).map(([key, content]) => ({ path: `${FILES_FOLDER}/${key}`, content })),
  ];
};

const podsOf = (series: readonly Series[]): string[] => series.map(({ labels }) => labels['pod'] ?? '').sort();

const until = async <T>(read: () => Promise<T>, isDone: (value: T) => boolean): Promise<T> => {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = await read().catch(() => undefined);
    if (value !== undefined && (isDone(value) || Date.now() > deadline)) return value;
    if (Date.now() > deadline) throw new Error('Prometheus does not answer');
    await sleep(100);
  }
};
