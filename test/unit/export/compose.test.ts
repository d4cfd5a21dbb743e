import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { composeExport } from '../../../src/export/compose.ts';
import { composeInput, type SeenStack } from '../../../src/export/stack-input.ts';
import { prometheusDatasource } from '../../../src/grafana/model.ts';
import { resolveTargets } from '../../../src/stack/resolve-targets.ts';
import { container } from '../../support/containers.ts';
import { at, list } from '../../support/kubernetes-check.ts';
import { attached, config, network, observed } from '../../support/observed.ts';

const PASSWORD = `p$w'"\\x`;

const exported = (lines: string[], seen?: SeenStack) => {
  const wanted = config(...lines);
  const ready = wanted.exporters.map((e) => ({ config: e, values: { user: 'u', password: PASSWORD }, revision: '1' }));
  const rest = {
    datasource: prometheusDatasource('15s'),
    dashboards: [{ uid: 'a', title: 'A', json: { expr: '$job' } }],
    files: new Map([['pw.txt', [{ path: '/x/pw.txt', content: 'from a file' }]]]),
  };
  return composeExport(composeInput({ config: wanted, ready, unready: [], grafanaPassword: 'secret' }, seen, rest));
};

const read = (text: string | undefined): unknown => parse(text ?? '');
const composeYaml = (e: ReturnType<typeof exported>): unknown =>
  read(e.files.find(({ path }) => path === 'compose.yaml')?.text);

const LINES = [
  'name: shop',
  'bind: "::1"',
  'targets: [events:9100]',
  'exporters: [{name: postgres, for: db}, {name: mysql, for: db2}, {name: node}]',
];

it('is the same stack: images, names, volumes, bindings and hardening', () => {
  const file = composeYaml(exported(LINES));
  expect(at(file, 'name')).toBe('shop');
  expect(Object.keys(Object(at(file, 'services')))).toEqual([
    'prometheus',
    'grafana',
    'shop-db-postgres-exporter',
    'shop-db2-mysql-exporter',
    'shop-node-exporter',
  ]);
  expect(at(file, 'services', 'prometheus')).toMatchObject({
    container_name: 'shop-prometheus',
    volumes: [{ type: 'volume', source: 'shop-prometheus-data', target: '/prometheus' }],
    ports: [{ target: 9090, published: '9090', host_ip: '::1' }],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges'],
    restart: 'unless-stopped',
  });
  expect(at(file, 'services', 'shop-node-exporter')).toMatchObject({
    pid: 'host',
    volumes: [{ type: 'bind', source: '/', target: '/host', read_only: true }],
  });
  expect(at(file, 'volumes')).toEqual({
    'shop-prometheus-data': { name: 'shop-prometheus-data' },
    'shop-grafana-data': { name: 'shop-grafana-data' },
  });
});

it('the networks of the applications are theirs, and every network of a service is one of the file', () => {
  const events = container('events', { networks: [attached('shopnet')], networkMode: 'shopnet' });
  const old = container('old', { networks: [attached('bridge')], networkMode: 'bridge' });
  const engine = observed({ containers: [events, old], networks: [network('bridge'), network('shopnet')] });
  const lines = ['targets: [events:9100, old:80]'];
  const { targets, networks } = resolveTargets(config(...lines), engine);
  const found = exported(lines, { snapshot: engine, targets, networks });
  const file = composeYaml(found);
  expect(at(file, 'networks')).toEqual({
    monitoring: { name: 'monitoring' },
    shopnet: { name: 'shopnet', external: true },
  });
  expect(at(file, 'services', 'prometheus', 'networks')).toEqual({
    monitoring: { aliases: ['prometheus'] },
    shopnet: {},
  });
  expect(found.findings.map(({ code, subject }) => `${code} ${subject}`)).toEqual(['no-name old:80']);
});

it('a detected target is as one of monitor.yml: nothing of what this program notes about it is left', () => {
  const [named] = resolveTargets(config('targets: [events:9100]'), observed({})).targets;
  if (named === undefined) throw new Error('there is one');
  const detected = {
    ...named,
    origin: 'detected' as const,
    containerId: 'c'.repeat(64),
    fallback_scrape_protocol: 'PrometheusText0.0.4',
  };
  const { prometheusConfig } = exported([], { snapshot: observed({}), targets: [detected], networks: [] });
  expect(prometheusConfig).toContain('fallback_scrape_protocol: PrometheusText0.0.4');
  expect(prometheusConfig).not.toContain('__meta_');
});

it('a network that the stack uses but did not create is external', () => {
  const networkOf = (labels: Record<string, string>) => {
    const engine = observed({ networks: [{ ...network('monitoring'), labels }] });
    const file = composeYaml(exported([], { snapshot: engine, targets: [], networks: [] }));
    return at(file, 'networks', 'monitoring');
  };
  expect(networkOf({})).toEqual({ name: 'monitoring', external: true });
  expect(networkOf({ 'monitor.stack': 'monitoring' })).toEqual({ name: 'monitoring' });
});

it('an exporter without credentials is left out, as `up` leaves it out, and named', () => {
  const wanted = config('exporters: [{name: mysql, for: db}]');
  const unready = wanted.exporters.map((e) => ({ config: e, values: {}, revision: '' }));
  const rest = { datasource: prometheusDatasource('15s'), dashboards: [], files: new Map() };
  const found = composeExport(
    composeInput({ config: wanted, ready: [], unready, grafanaPassword: 's' }, undefined, rest),
  );
  expect(found.text).not.toContain('mysql');
  expect(found.findings).toMatchObject([{ code: 'credentials', subject: 'db-mysql-exporter' }]);
});

it('no secret is in the file: Compose reads them from .monitor/', () => {
  const found = exported(LINES);
  expect([found.text, ...found.files.map(({ text }) => text)].join('')).not.toMatch(/secret\n|p\$+w/);
  expect(found.secrets.map(({ path, text, folderMode }) => [path, text, folderMode])).toEqual([
    ['.monitor/secrets/grafana-grafana_admin_password', 'secret', 0o700],
    ['.monitor/secrets/shop-db-postgres-exporter-exporter_password', PASSWORD, 0o700],
    ['.monitor/secrets/shop-db2-mysql-exporter.env', `MYSQLD_EXPORTER_PASSWORD="p\\$w'\\"\\\\x"\n`, 0o700],
  ]);
  const file = composeYaml(found);
  const named = Object.keys(Object(at(file, 'secrets')));
  const used = Object.values(Object(at(file, 'services'))).flatMap((s) =>
    list(at(s, 'secrets')).map((one) => at(one, 'source')),
  );
  expect(used).toEqual(named);
});

it('files that scrape configs name, and credentials in them, are secrets too', () => {
  const found = exported([
    'scrape_configs:',
    '  - {job_name: a, basic_auth: {password: p1}, static_configs: [{targets: ["a.b:1"]}]}',
    '  - {job_name: b, basic_auth: {password_file: pw.txt}, tls_config: {ca_file: /prometheus/ca.pem}}',
    '  - {job_name: c, bearer_token_file: none.txt, docker_sd_configs: [{host: "unix:///d.sock"}]}',
  ]);
  const passed = list(at(read(found.prometheusConfig), 'scrape_configs')).slice(-3);
  expect(passed[0]).toMatchObject({ basic_auth: { password_file: '/etc/prometheus-files/a-password' } });
  expect(passed[1]).toMatchObject({
    basic_auth: { password_file: '/etc/prometheus-files/pw.txt' },
    tls_config: { ca_file: '/prometheus/ca.pem' },
  });
  expect(passed[2]).toHaveProperty('docker_sd_configs');
  expect(found.findings.map(({ code, subject }) => `${code} ${subject}`)).toEqual(['file none.txt']);
  expect(found.secrets.map(({ path, text }) => `${path}: ${text}`)).toEqual([
    '.monitor/secrets/prometheus-a-password: p1',
    '.monitor/secrets/prometheus-pw.txt: from a file',
    '.monitor/secrets/grafana-grafana_admin_password: secret',
  ]);
  expect(list(at(composeYaml(found), 'services', 'prometheus', 'secrets'))).toEqual([
    { source: 'prometheus-a-password', target: '/etc/prometheus-files/a-password' },
    { source: 'prometheus-pw.txt', target: '/etc/prometheus-files/pw.txt' },
  ]);
});

it('each configuration file is where the file says, or in it, with `$` as Compose needs it', () => {
  const found = exported([
    ...LINES,
    'scrape_configs: [{job_name: a, relabel_configs: [{replacement: "$1", target_label: x}]}]',
  ]);
  const beside = Object.values(Object(at(composeYaml(found), 'configs'))).map((c) =>
    String(at(c, 'file')).replace('./', ''),
  );
  expect(found.files.map(({ path }) => path).sort()).toEqual([...beside, 'compose.yaml'].sort());
  expect(found.files.find(({ path }) => path === 'prometheus.yml')?.text).toContain('replacement: $1');
  expect(at(read(found.text), 'configs', 'prometheus', 'content')).toContain('replacement: $$1');
  expect(at(read(found.text), 'configs', 'dashboard-a', 'content')).toBe('{"expr":"$$job"}');
  expect(found.files.find(({ path }) => path.endsWith('a.json'))?.text).toBe('{"expr":"$job"}');
});
