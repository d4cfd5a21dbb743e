import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReportOf } from '../../src/output/report.ts';
import { readTargets } from '../../src/prometheus/read-config.ts';
import { eventually, query } from '../support/ask.ts';
import { selfSigned } from '../support/certificate.ts';
import { type DetectLab, detectLab, saysReady } from '../support/detect-lab.ts';
import { docker, execIn, fileIn, networksOf } from '../support/engine-view.ts';
import { prometheusIsAtLeast } from '../support/prometheus-version.ts';
import { besidesDashboards } from '../support/up-changes.ts';
import { FLOODS, ZOO, zooProgram } from '../support/zoo.ts';

/** One container with a port for each way in which an endpoint may answer, asked from a real Prometheus. */
const certificate = selfSigned('zoo');
const zoo = { name: 'zoo', node: zooProgram(certificate), expose: Object.values(ZOO) };
const CONFIG = '/etc/prometheus/prometheus.yml';

const [good, refused]: [(keyof typeof ZOO)[], [keyof typeof ZOO, string][]] = [
  [
    ...(['gzip', 'redirect', 'json', 'openmetrics', 'good', 'untyped', 'chunked'] as const),
    ...(['keepsOpen', 'openmetricsAsJson', 'changesType', 'metricsAsHtml'] as const),
  ],
  [
    ['drip', 'timeout'],
    ['silent', 'timeout'],
    ['redirectLoop', 'redirect-loop'],
    ['unauthorized', 'unauthorized'],
    ['forbidden', 'unauthorized'],
    ['notFound', 'not-found'],
    ['html', 'html'],
    ['nobody', 'refused'],
    ['tls', 'reset'],
    ['brotli', 'compressed'],
    ['bomb', 'compressed'],
    ['banner', 'not-http'],
    ['closes', 'reset'],
    ['failing', 'http-status'],
    ['localhostOnly', 'host-refused'],
    ['hiddenGzip', 'compressed'],
    ['latin1', 'not-utf8'],
    ['byteOrderMark', 'bom'],
    ['jsonString', 'json-string'],
    ['http2Only', 'http2'],
    ['twoEncodings', 'bad-headers'],
  ],
];

describe('the answer of an endpoint decides', () => {
  let lab: DetectLab;
  let report: ReportOf<'detect'>;
  const rowOf = (container: string, port: number) => lab.rowsOf(report, container).find((row) => row.port === port);
  const targets = async () => readTargets(await fileIn(lab.stack.prometheus.container, CONFIG));

  beforeAll(async () => {
    lab = await detectLab({ what: 'probe' });
    await lab.network('useless');
    await Promise.all([
      lab.run(zoo).then(saysReady),
      lab
        .run({
          name: 'secure',
          node: zooProgram(certificate),
          labels: { 'prometheus.io/port': '9013,9012,9016,9005,9035', 'prometheus.io/scheme': 'https' },
        })
        .then(saysReady),
      lab.run({ name: 'page', sh: 'exec httpd -f -p 8000', expose: [8000], networks: ['useless'] }),
    ]);
    await saysReady(await lab.run({ name: 'flood', node: zooProgram(certificate), expose: Object.values(FLOODS) }));
    await lab.succeed('up');
    report = await lab.detect();
    await docker.getContainer(lab.named('flood')).remove({ force: true });
    await lab.succeed('up');
  });
  afterAll(() => lab.remove());

  test.each(Object.entries(FLOODS))('%s: what begins as metrics is scraped, however long it is', (_, port) => {
    expect(rowOf('flood', port)).toMatchObject({ verdict: 'scraped', metrics: 1 });
  });

  test.each(good)('%s: it is scraped', async (name) => {
    expect(rowOf('zoo', ZOO[name])).toMatchObject({ verdict: 'scraped', code: 'port', metrics: expect.any(Number) });
    expect(await targets()).toContainEqual(
      expect.objectContaining({ instance: `${lab.named('zoo')}:${ZOO[name]}`, job: lab.named('zoo') }),
    );
  });

  test.each(refused)('%s: it is refused as %s', (name, code) => {
    expect(rowOf('zoo', ZOO[name])).toMatchObject({ verdict: 'refused', code, reason: expect.stringMatching(/^\w/) });
  });

  test('refused endpoints are not in prometheus.yml', async () => {
    const written = (await targets()).filter((t) => t.job === lab.named('zoo')).map((t) => t.instance);
    expect(written.sort()).toEqual(good.map((name) => `${lab.named('zoo')}:${ZOO[name]}`).sort());
  });

  test('TLS endpoints are probed too, with a self-signed certificate', () => {
    expect(rowOf('secure', ZOO.tls)).toMatchObject({ verdict: 'scraped', metrics: 1 });
    expect(rowOf('secure', ZOO.tlsHttp2)).toMatchObject({ verdict: 'scraped', metrics: 1 });
    expect(rowOf('secure', ZOO.nobody)).toMatchObject({ verdict: 'refused', code: 'refused' });
    expect(rowOf('secure', ZOO.silent)).toMatchObject({ verdict: 'refused', code: 'timeout' });
    expect(rowOf('secure', ZOO.good)).toMatchObject({ verdict: 'refused', code: 'tls' });
  });

  test('Prometheus reads what was taken, wrong Content-Types and all', async () => {
    await eventually(async () => {
      const up = await query(lab.stack, `up{job="${lab.named('zoo')}"} == 1`);
      const instances = up.map((s) => s.metric['instance']).sort();
      expect(instances).toEqual(good.map((name) => `${lab.named('zoo')}:${ZOO[name]}`).sort());
    });
    const [sample] = await query(lab.stack, `zoo_up{instance="${lab.named('zoo')}:${ZOO.chunked}"}`);
    expect(sample?.metric['where']).toBe('köln');
  });

  test('the key for a wrong Content-Type is there where Prometheus needs it, and not where it refuses it', async () => {
    const text = await fileIn(lab.stack.prometheus.container, CONFIG);
    expect(text.includes('fallback_scrape_protocol')).toBe(prometheusIsAtLeast(3, 0));
  });

  test('one command asks all endpoints, and silent ones delay the others by 2 s at most', async () => {
    const before = lab.window.count(/^POST \/containers\/\*\/exec$/);
    const start = Date.now();
    await lab.detect();
    // Plain HTTP, its redirects, second questions, one for each endpoint over TLS, and the version.
    expect(lab.window.count(/^POST \/containers\/\*\/exec$/) - before).toBeLessThanOrEqual(9);
    expect(Date.now() - start).toBeLessThan(8000);
  });

  test('probing leaves no process and no file in the Prometheus container', async () => {
    const { output } = await execIn(lab.stack.prometheus.container, ['sh', '-c', 'ps -o comm; ls -A /tmp /dev/shm']);
    expect(output.split('\n').filter((line) => /nc|timeout|sleep|mkfifo|probe/.test(line))).toEqual([]);
  });

  test('Prometheus leaves a network without targets, and a second `up` changes nothing', async () => {
    expect(rowOf('page', 8000)).toMatchObject({ verdict: 'refused', code: 'not-found' });
    expect(await networksOf(lab.stack.prometheus.container)).toEqual([lab.stack.network, lab.named('net')].sort());
    const before = await lab.stack.state();
    const second = (await lab.succeed('--json', 'up')).report('up');
    expect(besidesDashboards(second)).toEqual([]);
    expect(await lab.stack.state()).toEqual(before);
  });
});
