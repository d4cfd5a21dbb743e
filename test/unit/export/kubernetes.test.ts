import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { type KubernetesOptions, kubernetesExport } from '../../../src/export/kubernetes.ts';
import { kubernetesFiles, kubernetesText } from '../../../src/export/kubernetes-files.ts';
import type { KubernetesObject } from '../../../src/export/objects.ts';
import { type ExportInput, stackInput } from '../../../src/export/stack-input.ts';
import { optionsOf } from '../../../src/exporters/values.ts';
import { exportInput, inputFrom, workload } from '../../support/export-input.ts';
import { at, complaintsAbout, list, secretTexts } from '../../support/kubernetes-check.ts';
import { config } from '../../support/observed.ts';

const OPTIONS: KubernetesOptions = { namespace: 'monitoring', discovery: 'annotations', labels: {}, workloads: false };

const exported = (input: ExportInput, options: Partial<KubernetesOptions> = {}) =>
  kubernetesExport(input, { ...OPTIONS, ...options });

/** As `kubectl` reads them: the YAML of old. */
const read = (input: ExportInput, options: Partial<KubernetesOptions> = {}): KubernetesObject[] =>
  parseAllDocuments(kubernetesText(exported(input, options)), { version: '1.1' })
    .map((document) => document.toJS())
    .filter((object) => object !== null);

const one = (objects: readonly KubernetesObject[], kind: string, name?: string): KubernetesObject => {
  const found = objects.filter((o) => o.kind === kind && (name === undefined || o.metadata.name === name));
  expect(found, `${kind} ${name}`).toHaveLength(1);
  return found[0] ?? { apiVersion: '', kind: '', metadata: { name: '' } };
};

const prometheusYml = (objects: readonly KubernetesObject[]): unknown =>
  parse(String(at(one(objects, 'ConfigMap', 'prometheus-config'), 'data', 'prometheus.yml')));
const jobs = (objects: readonly KubernetesObject[]): unknown[] => list(at(prometheusYml(objects), 'scrape_configs'));
const job = (objects: readonly KubernetesObject[], name: string): unknown =>
  jobs(objects).find((j) => at(j, 'job_name') === name);
const codes = (input: ExportInput, options: Partial<KubernetesOptions> = {}): string[] =>
  exported(input, options).findings.map(({ code, subject }) => `${code} ${subject}`);

const FULL = [
  'targets: [events:9100, {address: "api.shop.svc:80", labels: {a: "true", b: "8080"}}]',
  'exporters: [{name: postgres, for: db}, {name: mysql, for: db2}, {name: redis, for: cache}, {name: node}, {name: cadvisor}]',
];

describe('what is written', () => {
  it('every reference, name and selector holds, whatever the stack has', () => {
    const input = exportInput(config('name: shop', ...FULL), {
      workloads: [workload('web_app', 8080)],
      dashboards: [{ uid: 'a', title: 'A', json: { panels: [] } }],
    });
    for (const discovery of ['annotations', 'operator'] as const) {
      expect(complaintsAbout(read(input, { discovery, workloads: true }))).toEqual([]);
    }
  });

  it('two stacks live in one namespace: they share no object but that, and select no Pod of each other', () => {
    const all = ['shop', 'monitoring', 'my_shop'].flatMap((name) =>
      read(inputFrom(`name: ${name}`, ...FULL)).filter((o) => o.kind !== 'Namespace'),
    );
    expect(complaintsAbout(all)).toEqual([]);
  });

  it('a label of the Namespace, which another stack’s export would remove, is named', () => {
    const labels = (...lines: string[]) => one(read(inputFrom(...lines)), 'Namespace').metadata.labels;
    const isNamed = (...lines: string[]) =>
      exported(inputFrom(...lines)).notices.some((n) => n.includes('pod-security.kubernetes.io/enforce=privileged'));
    expect(labels('exporters: [{name: node}]')).toEqual({ 'pod-security.kubernetes.io/enforce': 'privileged' });
    expect(isNamed('exporters: [{name: node}]')).toBe(true);
    expect(labels()).toBeUndefined();
    expect(isNamed()).toBe(false);
  });

  it('Prometheus writes to its volume as its own user, below what the volume holds, and is rolled by its configuration', () => {
    const stateful = one(
      read(inputFrom('prometheus: {retention: {time: 30d, size: 10GB}}')),
      'StatefulSet',
      'prometheus',
    );
    const pod = at(stateful, 'spec', 'template', 'spec');
    expect(at(pod, 'securityContext')).toMatchObject({ runAsUser: 65534, fsGroup: 65534, runAsNonRoot: true });
    expect(list(at(pod, 'containers'))[0]).toMatchObject({
      args: expect.arrayContaining(['--storage.tsdb.retention.time=30d', '--storage.tsdb.retention.size=10GB']),
    });
    const [claim] = list(at(stateful, 'spec', 'volumeClaimTemplates'));
    expect(at(claim, 'spec', 'resources', 'requests', 'storage')).toBe('13Gi');
    const targets = (count: number) => `targets: [${[...Array(count).keys()].map((n) => `a.b:${n + 1}`)}]`;
    const claimOf = (count: number) => {
      const [of] = list(at(one(read(inputFrom(targets(count))), 'StatefulSet'), 'spec', 'volumeClaimTemplates'));
      return at(of, 'spec', 'resources', 'requests', 'storage');
    };
    // A StatefulSet keeps its claim, so a few targets more do not change it.
    expect([1, 25, 30, 60].map(claimOf)).toEqual(['8Gi', '16Gi', '16Gi', '32Gi']);
    const sum = (o: KubernetesObject) => at(o, 'spec', 'template', 'metadata', 'annotations', 'checksum/config');
    expect(sum(one(read(inputFrom('targets: [a.b:1]')), 'StatefulSet'))).not.toBe(sum(stateful));
  });

  it('may read only what its discovery needs', () => {
    const rules = (input: ExportInput, options: Partial<KubernetesOptions> = {}) =>
      list(one(read(input, options), 'ClusterRole')['rules']).map(
        (r) => `${list(at(r, 'verbs'))} ${list(at(r, 'resources'))}`,
      );
    expect(rules(inputFrom())).toEqual(['list,watch pods']);
    expect(rules(inputFrom('exporters: [{name: cadvisor}]'))).toEqual(['list,watch nodes,pods', 'get nodes/metrics']);
    const passed = (config: string) =>
      rules(inputFrom(`scrape_configs: [{job_name: a, kubernetes_sd_configs: [${config}]}]`));
    expect(passed('{role: ingress}, {role: service, attach_metadata: {node: true}}')).toEqual([
      'list,watch pods,services,nodes',
      'list,watch ingresses',
    ]);
    expect(passed('{role: service, api_server: "https://x"}')).toEqual(['list,watch pods']);
    expect(rules(inputFrom(), { discovery: 'operator' })).toEqual([
      'list,watch pods,endpoints,services',
      'list,watch endpointslices',
    ]);
  });

  it('the stack’s own jobs keep their names and instances', () => {
    const objects = read(exportInput(config('name: shop', ...FULL)));
    const yml = parse(String(at(one(objects, 'ConfigMap', 'shop-prometheus-config'), 'data', 'prometheus.yml')));
    const statics = list(at(yml, 'scrape_configs')).flatMap((j) =>
      list(at(j, 'static_configs')).map(
        (s) => `${at(j, 'job_name')} ${list(at(s, 'targets'))} ${at(s, 'labels', 'instance')}`,
      ),
    );
    expect(statics).toEqual([
      'prometheus localhost:9090 undefined',
      'grafana shop-grafana:3000 grafana:3000',
      'events events:9100 undefined',
      'api.shop.svc api.shop.svc:80 undefined',
      'postgres shop-db-postgres-exporter:9187 db:5432',
      'mysql shop-db2-mysql-exporter:9104 db2:3306',
      'redis shop-cache-redis-exporter:9121 cache:6379',
    ]);
  });

  it('a job of that name beside the discovered one is not written twice', () => {
    const objects = read(
      inputFrom(
        'targets: [{address: "a.b:1", job_name: node}, {address: "a.b:2", job_name: kubernetes-pods}, {address: "a.b:3", job_name: node-discovered}]',
        'exporters: [{name: node}]',
      ),
    );
    const names = jobs(objects).map((j) => at(j, 'job_name'));
    expect(new Set(names).size).toBe(names.length);
    expect(list(at(job(objects, 'node-discovered-discovered'), 'relabel_configs')).at(-1)).toEqual({
      target_label: 'job',
      replacement: 'node',
    });
  });

  it('labels and annotations stay text: true, 8080, yes', () => {
    const labels = { a: 'true', b: '8080', c: 'yes', d: '1', e: '1_0', f: '0o17' };
    const objects = read(exportInput(config('targets: []'), { workloads: [workload('web', 8080, { labels })] }), {
      discovery: 'operator',
      workloads: true,
    });
    expect(at(one(objects, 'PodMonitor'), 'spec', 'selector', 'matchLabels')).toEqual(labels);
  });

  it('no password is in anything but a Secret', () => {
    const objects = read(exportInput(config(...FULL)));
    const others = objects.filter((o) => o.kind !== 'Secret');
    expect(others.filter((o) => JSON.stringify(o).includes('pa$$')).map((o) => o.metadata.name)).toEqual([]);
    expect(secretTexts(one(objects, 'Secret', 'db2-mysql-exporter'))).toEqual({
      MYSQLD_EXPORTER_PASSWORD: 'pa$$(HOME)w',
    });
    expect(secretTexts(one(objects, 'Secret', 'grafana-admin'))).toEqual({ 'admin-password': 'secret' });
    const existing = read(inputFrom(), { existingSecret: 'existing-secret' });
    expect(existing.filter((o) => o.kind === 'Secret')).toEqual([]);
    expect(complaintsAbout(existing)).toEqual([]);
  });
});

describe('an exporter whose credentials are not known', () => {
  const wanted = config('exporters: [{name: mysql, for: db}, {name: postgres, for: pg, user: me}]');
  const unready = wanted.exporters.map((e) => ({ config: e, values: optionsOf(e), revision: '' }));
  const input = exportInput(wanted, stackInput({ config: wanted, ready: [], unready, grafanaPassword: 'secret' }));

  it('is in the export without a Secret, so that no password is replaced by a wrong one', () => {
    const objects = read(input);
    expect(objects.filter((o) => o.kind === 'Secret').map((o) => o.metadata.name)).toEqual(['grafana-admin']);
    expect(complaintsAbout(objects)).toEqual([
      'Deployment/db-mysql-exporter: no key MYSQLD_EXPORTER_PASSWORD in Secret db-mysql-exporter',
      'Deployment/pg-postgres-exporter: no Secret pg-postgres-exporter',
      'Deployment/pg-postgres-exporter: no key exporter_password in Secret pg-postgres-exporter',
    ]);
  });

  it('is named with the command that creates the Secret', () => {
    const findings = exported(input).findings.filter(({ code }) => code === 'credentials');
    expect(findings.map(({ remedy }) => remedy)).toEqual([
      expect.stringContaining(
        '`kubectl -n monitoring create secret generic db-mysql-exporter --from-literal=MYSQLD_EXPORTER_PASSWORD=PASSWORD`',
      ),
      expect.stringContaining('`monitor add-exporter postgres --for pg --password-stdin < FILE`'),
    ]);
    expect(findings[0]?.message).toContain('signs in as "exporter"');
  });
});

describe('the user of a Pod', () => {
  const userOf = (users: ExportInput['users'], kind: string) =>
    at(one(read(exportInput(config(), { users })), kind), 'spec', 'template', 'spec', 'securityContext');

  it.each([
    ['1001:0', 1001],
    ['nobody', 65_534],
    ['', 65_534],
    [undefined, 65_534],
  ])('is that of the image %j: %j', (prometheus, id) => {
    expect(userOf({ prometheus }, 'StatefulSet')).toMatchObject({ runAsUser: id, fsGroup: id, runAsNonRoot: true });
  });

  it('that is not known is reported', () => {
    const said = (image: string, prometheus?: string) =>
      exported(exportInput(config(`prometheus: {image: "${image}"}`), { users: { prometheus } })).notices.filter((n) =>
        n.includes(image),
      ).length;
    expect([
      said('mirror/prom/prometheus:v3'),
      said('own:1', '1001'),
      said('own:1', 'prom'),
      said('own:1', ''),
    ]).toEqual([0, 0, 1, 1]);
    expect(said('own:1')).toBe(1);
  });
});

describe('dashboards', () => {
  it('one over the size limit is split, joined before Grafana starts, and reported', () => {
    const json = { title: 'é"\\', text: 'x"é\n'.repeat(100_000) };
    const input = exportInput(config(), {
      dashboards: [
        { uid: 'big', title: 'Big', json },
        { uid: 'Big', title: 'Other', json: {} },
      ],
    });
    const { notices } = exported(input);
    const objects = read(input);
    expect(complaintsAbout(objects)).toEqual([]);
    const parts = objects
      .flatMap((o) => Object.entries(o.kind === 'ConfigMap' ? Object(o['data']) : {}))
      .filter(([key]) => /^big\.json\.\d/.test(key));
    expect(parts.length).toBeGreaterThan(1);
    expect(JSON.parse(parts.map(([, part]) => part).join(''))).toEqual(json);
    expect(notices.filter((n) => n.includes('"Big"'))).toHaveLength(1);
  });
});

describe('what a cluster does not have is named', () => {
  it('this machine, containers on no Service, files, Docker’s discovery', () => {
    const input = inputFrom(
      'targets: [localhost:3001, events:9100, Events_App:1, api.shop.svc:80, "10.0.0.1:1", "[fd00::1]:1"]',
      'exporters: [{name: redis, for: cache}]',
      'scrape_configs:',
      '  - {job_name: a, static_configs: [{targets: ["host.docker.internal:1", "localhost:9090", "db:2"]}], tls_config: {ca_file: ca.pem}}',
      '  - {job_name: b, docker_sd_configs: [{host: "unix:///var/run/docker.sock"}]}',
      '  - {job_name: c, static_configs: [{targets: ["http://web"]}], relabel_configs: [{target_label: __address__, replacement: "blackbox:9115"}]}',
    );
    expect(codes(input)).toEqual([
      'this-machine localhost:3001',
      'no-service events:9100',
      'no-service Events_App:1',
      'file ca.pem',
      'docker-discovery b',
      'this-machine host.docker.internal:1',
      'no-service db:2',
      'no-service blackbox:9115',
      'no-service cache:6379',
    ]);
    const names = jobs(read(input)).map((j) => at(j, 'job_name'));
    expect(names).not.toContain('localhost');
    expect(names).not.toContain('b');
    expect(names).toContain('events');
  });

  it('a Service is named as Kubernetes can call it, and the command for one elsewhere keeps monitor.yml as it is', () => {
    const remedies = exported(inputFrom('targets: [events:1, events_app:1]')).findings.map(({ remedy }) => remedy);
    expect(remedies).toEqual([
      expect.stringContaining('create service externalname events --external-name events.NAMESPACE.svc.cluster.local`'),
      expect.stringContaining('network alias events-app'),
    ]);
  });
});

describe('scrape_configs', () => {
  it('anchors are resolved; files and credentials go into a Secret that Prometheus mounts', () => {
    const wanted = config(
      'scrape_configs:',
      '  - job_name: a',
      '    basic_auth: &auth {username: me, password: s3cret}',
      '    tls_config: {ca_file: certs/ca.pem}',
      '    file_sd_configs: [{files: ["targets/*.json"]}]',
      '  - {job_name: b, basic_auth: *auth, static_configs: [{targets: ["a.b:1"]}]}',
      '  - {job_name: c, authorization: {credentials_file: /var/run/secrets/kubernetes.io/serviceaccount/token}}',
      '  - {job_name: d, basic_auth: {username: me, password_file: pw}, static_configs: [{targets: ["a.b:1"]}]}',
      '  - {job_name: e, static_configs: [{targets: ["a.b:1"]}], docker_sd_configs: [{host: "unix:///x"}]}',
    );
    const files = new Map([
      ['certs/ca.pem', [{ path: '/x/certs/ca.pem', content: 'PEM' }]],
      ['pw', [{ path: '/x/pw', content: 'from a file' }]],
      [
        'targets/*.json',
        [
          { path: '/x/targets/1.json', content: '[]' },
          { path: '/x/targets/ca.pem', content: '[1]' },
        ],
      ],
    ]);
    const objects = read(exportInput(wanted, { files }));
    expect(complaintsAbout(objects)).toEqual([]);
    const secret = secretTexts(one(objects, 'Secret', 'prometheus-files'));
    const content = (path: unknown) => secret[String(path).replace('/etc/prometheus-files/', '')];
    const a = job(objects, 'a');
    expect(content(at(a, 'tls_config', 'ca_file'))).toBe('PEM');
    expect(content(at(a, 'basic_auth', 'password_file'))).toBe('s3cret');
    expect(at(a, 'basic_auth', 'password')).toBeUndefined();
    expect(list(at(list(at(a, 'file_sd_configs'))[0], 'files')).map(content)).toEqual(['[]', '[1]']);
    expect(content(at(job(objects, 'b'), 'basic_auth', 'password_file'))).toBe('s3cret');
    expect(content(at(job(objects, 'd'), 'basic_auth', 'password_file'))).toBe('from a file');
    expect(job(objects, 'e')).toEqual({ job_name: 'e', static_configs: [{ targets: ['a.b:1'] }] });
    expect(codes(exportInput(wanted, { files }))).toEqual(['docker-discovery e']);
  });

  it('credentials of discovery and keys of TLS go there too, and those that cannot are named', () => {
    const input = inputFrom(
      'scrape_configs:',
      '  - job_name: a',
      '    bearer_token: b3',
      '    http_sd_configs: [{url: "http://x.y/t", basic_auth: {username: u, password: p1}, tls_config: {key: p2}}]',
      '    consul_sd_configs: [{server: "c.d:1", token: p3}]',
      '    static_configs: [{targets: ["a.b:1"], labels: {log_file: l, password: l}}]',
    );
    const objects = read(input);
    const a = job(objects, 'a');
    const discovery = list(at(a, 'http_sd_configs'))[0];
    const texts = secretTexts(one(objects, 'Secret', 'prometheus-files'));
    const paths = [
      at(a, 'bearer_token_file'),
      at(discovery, 'basic_auth', 'password_file'),
      at(discovery, 'tls_config', 'key_file'),
    ];
    expect(paths.map((path) => texts[String(path).replace('/etc/prometheus-files/', '')])).toEqual(['b3', 'p1', 'p2']);
    expect(at(list(at(a, 'static_configs'))[0], 'labels')).toEqual({ log_file: 'l', password: 'l' });
    expect(exported(input).findings.map(({ code, message }) => [code, message])).toEqual([
      ['secret', expect.stringContaining('consul_sd_configs.token')],
    ]);
    expect(codes(input, { discovery: 'operator' })).toEqual([]);
  });
});

it('a Secret or a prometheus.yml that is too large for `kubectl apply` is named', () => {
  const many = JSON.stringify([...Array(6500).keys()].map((n) => `host-${n}.shop.example.com:${9000 + (n % 1000)}`));
  const job = inputFrom(`scrape_configs: [{job_name: a, static_configs: [{targets: ${many}}]}]`);
  expect(codes(job)).toEqual(['large prometheus-config']);
  const wanted = config('scrape_configs: [{job_name: a, file_sd_configs: [{files: [t.json]}]}]');
  const files = new Map([['t.json', [{ path: '/x/t.json', content: 'x'.repeat(270_000) }]]]);
  expect(codes(exportInput(wanted, { files }))).toEqual(['large prometheus-files']);
});

describe('workloads', () => {
  const input = exportInput(config(), {
    workloads: [
      workload('events', 9100, {
        job: 'eventservice',
        metrics_path: '/m',
        labels: { container: 'events', compose_service: 'events' },
      }),
      workload('slow_app', 8080, { scheme: 'https', scrape_interval: '5s', labels: { container: 'slow_app' } }),
    ],
  });

  it('have the annotations that discovery reads, each value quoted once', () => {
    const { patches, objects } = exported(input, { workloads: true });
    expect(objects.filter((o) => o.kind === 'PodMonitor')).toEqual([]);
    expect(patches.map(({ name }) => name)).toEqual(['events', 'slow-app']);
    const files = kubernetesFiles(exported(input, { workloads: true }), false);
    const text = files.find(({ path }) => path === 'workloads/events.yaml')?.text ?? '';
    expect(text).toContain('prometheus.io/scrape: "true"\n');
    expect(text).toContain('prometheus.io/port: "9100"\n');
    expect(at(parse(text), 'spec', 'template', 'metadata')).toEqual({
      labels: { container: 'events', compose_service: 'events' },
      annotations: {
        'prometheus.io/scrape': 'true',
        'prometheus.io/port': '9100',
        'prometheus.io/path': '/m',
        'prometheus.io/job': 'eventservice',
      },
    });
    expect(at(patches[1]?.patch, 'spec', 'template', 'metadata', 'annotations')).toMatchObject({
      'prometheus.io/scheme': 'https',
      prometheus_scrape_interval: '5s',
      prometheus_scrape_timeout: '5s',
    });
  });

  it('that send a Content-Type which Prometheus 3 refuses are read in the cluster too', () => {
    const fallback_scrape_protocol = 'PrometheusText0.0.4';
    const odd = exportInput(config(), {
      workloads: [workload('a', 1, { fallback_scrape_protocol }), workload('b', 2)],
    });
    expect(job(read(odd), 'kubernetes-pods')).toMatchObject({ fallback_scrape_protocol });
    expect(job(read(input), 'kubernetes-pods')).not.toHaveProperty('fallback_scrape_protocol');
    const monitors = read(odd, { discovery: 'operator', workloads: true }).filter((o) => o.kind === 'PodMonitor');
    expect(monitors.map((m) => at(m, 'spec', 'fallbackScrapeProtocol'))).toEqual([fallback_scrape_protocol, undefined]);
  });

  it('are not among the objects that are applied', () => {
    expect(read(input, { workloads: true }).map((o) => o.kind)).toEqual(read(input).map((o) => o.kind));
  });

  it('with the operator have a PodMonitor, and a patch that names the port', () => {
    const { patches } = exported(input, { discovery: 'operator', workloads: true });
    const monitor = one(
      read(input, { discovery: 'operator', workloads: true, labels: { release: 'x' } }),
      'PodMonitor',
      'workload-events',
    );
    expect(monitor.metadata.labels).toMatchObject({ release: 'x' });
    const [endpoint] = list(at(monitor, 'spec', 'podMetricsEndpoints'));
    expect(endpoint).toMatchObject({ port: 'metrics', path: '/m' });
    expect(at(patches[0]?.patch, 'spec', 'template', 'spec', 'containers')).toEqual([
      { name: 'events', ports: [{ name: 'metrics', containerPort: 9100 }] },
    ]);
  });

  it('of which annotations cannot say all are named', () => {
    const [first, second] = [workload('a', 1).endpoints[0], workload('a', 2).endpoints[0]];
    if (first === undefined || second === undefined) throw new Error('there are two');
    const several = exportInput(config(), { workloads: [{ ...workload('a', 1), endpoints: [first, second] }] });
    expect(codes(several, { workloads: true })).toEqual(['several-endpoints a']);
    expect(codes(several, { workloads: true, discovery: 'operator' })).toEqual([]);
  });
});

it('--discovery operator writes no discovery of Pods, and annotations no monitors: both would scrape twice', () => {
  const input = exportInput(config(...FULL));
  const operator = read(input, { discovery: 'operator', labels: { release: 'x' } });
  const text = secretTexts(one(operator, 'Secret', 'prometheus-scrape-configs'))['scrape-configs.yml'] ?? '';
  expect(list(parse(text)).map((j) => at(j, 'job_name'))).toEqual(['events', 'api.shop.svc', 'cadvisor']);
  expect(
    operator.map((o) => o.kind).filter((kind) => ['StatefulSet', 'Prometheus', 'PrometheusRule'].includes(kind)),
  ).toEqual(['Prometheus', 'PrometheusRule']);
  for (const monitor of operator.filter((o) => /Monitor$|Rule$/.test(o.kind)))
    expect(monitor.metadata.labels).toMatchObject({ release: 'x' });
  expect(read(input).filter((o) => o.apiVersion.startsWith('monitoring'))).toEqual([]);
});

it('the stack’s own Prometheus selects its monitors, whatever --label says', () => {
  const part = 'app.kubernetes.io/part-of';
  const given: Record<string, string>[] = [{}, { [part]: 'theirs', release: 'x' }];
  for (const labels of given) {
    const objects = read(exportInput(config(...FULL)), { discovery: 'operator', labels });
    const wanted = at(one(objects, 'Prometheus'), 'spec', 'serviceMonitorSelector', 'matchLabels');
    const monitors = objects.filter((o) => /Monitor$|Rule$/.test(o.kind)).map((o) => o.metadata.labels);
    expect(monitors.length).toBeGreaterThan(3);
    for (const monitor of monitors) expect(monitor).toMatchObject({ ...labels, ...Object(wanted) });
  }
});

it('the files are the objects, and the kustomization names all of them', () => {
  const files = kubernetesFiles(
    exported(exportInput(config(...FULL), { workloads: [workload('a', 1)] }), { workloads: true }),
    true,
  );
  expect(files[0]?.path).toBe('00-namespace.yaml');
  const kustomization = parse(files.find(({ path }) => path === 'kustomization.yaml')?.text ?? '');
  const named = files
    .map(({ path }) => path)
    .filter((path) => path !== 'kustomization.yaml' && !path.startsWith('workloads/'));
  expect(at(kustomization, 'resources')).toEqual(named);
  expect(new Set(files.map(({ path }) => path.toLowerCase())).size).toBe(files.length);
});
