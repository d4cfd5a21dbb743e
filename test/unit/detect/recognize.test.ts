import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recognize } from '../../../src/detect/recognize.ts';
import type { Container } from '../../../src/docker/engine.ts';
import { container, port, tcp } from '../../support/containers.ts';
import { wildText } from '../../support/wild-text.ts';

const nobodys = (): boolean => false;

/** One container's outcome, as short as it can be written. */
function outcome(changes: Partial<Container>): { asks: string[]; skips: string[]; warns: string[] } {
  const found = recognize([container('web', changes)], nobodys);
  return {
    asks: found.candidates.map((c) => `${c.source} ${c.scheme}://${c.job}:${c.port}${c.metrics_path} (${c.reason})`),
    skips: found.skipped.map((s) => `${s.code}${s.port === undefined ? '' : ` ${s.port}`}: ${s.reason}`),
    warns: found.warnings.map((w) => w.message),
  };
}

describe('labels come first', () => {
  test('a named port is asked, and nothing else', () => {
    const labels = {
      'prometheus.io/port': '9100',
      'prometheus.io/path': 'm',
      'prometheus.io/scheme': 'https',
      'prometheus.io/job': 'shop',
    };
    expect(outcome({ image: 'prom/node-exporter', ports: tcp(80, 9200), labels })).toEqual({
      asks: ['label https://shop:9100/m (label prometheus.io/port)'],
      skips: [],
      warns: [],
    });
  });

  test('several named ports are several candidates, each with its path', () => {
    expect(outcome({ labels: { 'prometheus.io/port': '9100,9200/custom/metrics' } }).asks).toEqual([
      'label http://web:9100/metrics (label prometheus.io/port)',
      'label http://web:9200/custom/metrics (label prometheus.io/port)',
    ]);
  });

  test('a port that is named twice, once with the path that it has anyway, is one', () => {
    const labels = { 'prometheus.io/port': '9100,9100/m,9100/other', 'prometheus.io/path': '/m' };
    expect(outcome({ labels }).asks).toEqual([
      'label http://web:9100/m (label prometheus.io/port)',
      'label http://web:9100/other (label prometheus.io/port)',
    ]);
  });

  test('a port that speaks something else is asked when a label names it', () => {
    expect(outcome({ labels: { 'prometheus.io/port': '6379' }, ports: tcp(6379) })).toMatchObject({
      asks: ['label http://web:6379/metrics (label prometheus.io/port)'],
      skips: [],
    });
  });

  test('scrape=false opts out, whatever else is there', () => {
    const labels = { 'prometheus.io/scrape': 'False', 'prometheus.io/port': '9100' };
    expect(outcome({ image: 'prom/node-exporter', ports: tcp(9100), labels })).toEqual({
      asks: [],
      skips: ['opted-out: its label prometheus.io/scrape says so'],
      warns: [],
    });
  });

  test('scrape=true takes the one exposed port', () => {
    expect(outcome({ labels: { 'prometheus.io/scrape': 'true' }, ports: tcp(8000) })).toEqual({
      asks: ['label http://web:8000/metrics (label prometheus.io/scrape, exposes 8000)'],
      skips: [],
      warns: [],
    });
  });

  test('scrape=true takes the one exposed port that can be it', () => {
    expect(outcome({ labels: { 'prometheus.io/scrape': 'true' }, ports: tcp(8000, 5432) })).toEqual({
      asks: ['label http://web:8000/metrics (label prometheus.io/scrape, exposes 8000)'],
      skips: ['not-metrics-port 5432: port 5432 speaks PostgreSQL'],
      warns: [],
    });
  });

  test('scrape=true without a port is a warning if there are several ports, and each is asked', () => {
    expect(outcome({ labels: { 'prometheus.io/scrape': 'true' }, ports: tcp(8000, 80) })).toEqual({
      asks: ['port http://web:80/metrics (exposes 80)', 'port http://web:8000/metrics (exposes 8000)'],
      skips: [],
      warns: [
        'container web, label prometheus.io/scrape: the container exposes several ports (80, 8000), and each is asked; ' +
          'name the port with the label prometheus.io/port',
      ],
    });
  });

  test('scrape=true with no port at all is a warning', () => {
    const { asks, skips, warns } = outcome({ labels: { 'prometheus.scrape': 'true' } });
    expect(asks).toEqual([]);
    expect(skips).toEqual(['no-port: it exposes no port; name one with the label prometheus.io/port']);
    expect(warns).toEqual([
      'container web, label prometheus.scrape: the container exposes no port; name the port with the label prometheus.io/port',
    ]);
  });

  test('scrape=true on a database is a warning that names what it speaks', () => {
    const { asks, warns } = outcome({ labels: { 'prometheus.io/scrape': 'true' }, ports: tcp(5432) });
    expect(asks).toEqual([]);
    expect(warns[0]).toContain('5432 (PostgreSQL)');
  });

  test('a port that cannot be meant is one warning, and detection goes on without it', () => {
    const labels = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': 'abc' };
    const { asks, warns } = outcome({ labels, ports: tcp(80, 8000) });
    expect(asks).toEqual(['port http://web:80/metrics (exposes 80)', 'port http://web:8000/metrics (exposes 8000)']);
    expect(warns).toEqual([
      'container web, label prometheus.io/port: "abc" is not a port: it must be a number from 1 to 65535',
    ]);
  });

  test('times go along', () => {
    const labels = { prometheus_scrape_port: '1', prometheus_scrape_interval: '30s', prometheus_scrape_timeout: '5s' };
    expect(recognize([container('web', { labels })], nobodys).candidates).toMatchObject([
      { scrape_interval: '30s', scrape_timeout: '5s' },
    ]);
  });
});

describe('then known images', () => {
  test('the port is the image’s, not the exposed one', () => {
    expect(
      outcome({ image: 'registry.example/prometheuscommunity/elasticsearch-exporter:v1.11.0', ports: tcp(7979) }),
    ).toEqual({
      asks: ['image http://web:9114/metrics (image elasticsearch-exporter)'],
      skips: [],
      warns: [],
    });
  });

  test('with scrape=true and no port named too', () => {
    const labels = { 'prometheus.io/scrape': 'true' };
    expect(outcome({ image: 'minio/minio', ports: tcp(9000, 9001), labels })).toEqual({
      asks: ['image http://web:9000/minio/v2/metrics/cluster (image minio/minio)'],
      skips: [],
      warns: [],
    });
  });

  test('a path label wins over the image’s', () => {
    const labels = { 'prometheus.io/path': '/minio/metrics/v3' };
    expect(outcome({ image: 'minio/minio', labels }).asks).toEqual([
      'image http://web:9000/minio/metrics/v3 (image minio/minio)',
    ]);
  });
});

describe('then exposed ports', () => {
  test('each TCP port once, lowest first', () => {
    const ports = [
      port(8080, { publicPort: 80, hostIp: '0.0.0.0' }),
      port(8080, { publicPort: 80, hostIp: '::' }),
      port(3000),
      port(53, { type: 'udp' }),
      port(9000, { type: 'sctp' }),
    ];
    expect(outcome({ ports })).toEqual({
      asks: ['port http://web:3000/metrics (exposes 3000)', 'port http://web:8080/metrics (exposes 8080)'],
      skips: [],
      warns: [],
    });
  });

  test('those that speak something else are not asked', () => {
    expect(outcome({ ports: tcp(5432) })).toEqual({
      asks: [],
      skips: ['not-metrics-port 5432: port 5432 speaks PostgreSQL'],
      warns: [],
    });
  });

  test('a range of ports is cut at 32, with a warning', () => {
    const { asks, skips } = outcome({ ports: tcp(...Array.from({ length: 10_000 }, (_, i) => 40_000 + i)) });
    expect(asks).toHaveLength(32);
    expect(skips).toEqual([expect.stringContaining('too-many-ports: it exposes 10000 ports')]);
  });

  test.each<[string, Partial<Container>, string]>([
    ['nothing exposed', {}, 'it exposes no port'],
    ['UDP only', { ports: [port(53, { type: 'udp' })] }, 'it exposes no TCP port'],
    ['the host’s network', { networkMode: 'host', networks: [] }, "it is on the host's network"],
    [
      'another container’s network',
      { networkMode: 'container:abc', networks: [] },
      "it shares another container's network",
    ],
  ])('%s: no port, and what to do', (_, changes, reason) => {
    const { asks, skips, warns } = outcome(changes);
    expect(asks).toEqual([]);
    expect(warns).toEqual([]);
    expect(skips).toEqual([expect.stringContaining(`no-port: ${reason}`)]);
    expect(skips[0]).toContain('prometheus.io/port');
  });

  test('on the host’s network a label or a known image names the port', () => {
    const host = { networkMode: 'host', networks: [], ports: [] };
    expect(outcome({ ...host, labels: { 'prometheus.io/port': '9100' } }).asks).toHaveLength(1);
    expect(outcome({ ...host, image: 'prom/node-exporter' }).asks).toHaveLength(1);
  });
});

describe('names', () => {
  const ports = tcp(80);
  const job = (labels: Record<string, string>): string | undefined =>
    recognize([container('shop-web-1', { labels, ports })], nobodys).candidates[0]?.job;

  test('the job is the label’s, else the Compose service, else the container’s name', () => {
    expect(job({ 'prometheus.io/job': 'j', 'com.docker.compose.service': 'web' })).toBe('j');
    expect(job({ 'com.docker.compose.service': 'web' })).toBe('web');
    expect(job({})).toBe('shop-web-1');
  });

  test('a Compose service that is not a valid job name is not used as one', () => {
    expect(job({ 'com.docker.compose.service': 'a'.repeat(100_000) })).toBe('shop-web-1');
  });

  test('replicas of one service have one job', () => {
    const labels = { 'com.docker.compose.service': 'web' };
    const replicas = [1, 2, 3].map((n) => container(`shop-web-${n}`, { labels, ports }));
    expect(recognize(replicas, nobodys).candidates.map((c) => c.job)).toEqual(['web', 'web', 'web']);
  });

  test('a one-off container of docker compose run is judged like any other', () => {
    const labels = { 'com.docker.compose.service': 'web', 'com.docker.compose.oneoff': 'True' };
    expect(recognize([container('shop-web-run-1', { labels, ports })], nobodys).candidates).toHaveLength(1);
  });
});

describe('who is not asked', () => {
  test.each<[string, Partial<Container>, string]>([
    ['paused', { state: 'paused' }, 'paused: it is paused'],
    [
      'restarting',
      { state: 'restarting', status: 'Restarting (1) 2 seconds ago' },
      'restarting: it keeps restarting (Restarting (1) 2 seconds ago)',
    ],
    [
      'exited',
      { state: 'exited', status: 'Exited (1) 3 minutes ago' },
      'not-running: it does not run (Exited (1) 3 minutes ago)',
    ],
    ['created', { state: 'created', status: '' }, 'not-running: it does not run'],
    ['dead', { state: 'dead', status: 'Dead' }, 'not-running: it does not run (Dead)'],
    ['no network', { networkMode: 'none', networks: [] }, 'no-network: it has no network'],
  ])('%s', (_, changes, skip) => {
    const labels = { 'prometheus.io/port': '9100' };
    expect(outcome({ ...changes, labels, ports: tcp(9100) })).toEqual({ asks: [], skips: [skip], warns: [] });
  });

  test('our own containers are not even mentioned', () => {
    const containers = [
      container('monitoring-prometheus', { image: 'prom/prometheus' }),
      container('web', { ports: tcp(80) }),
    ];
    const found = recognize(containers, (c) => c.name.startsWith('monitoring-'));
    expect(found.candidates.map((c) => c.container.name)).toEqual(['web']);
    expect(found.skipped).toEqual([]);
  });
});

describe('bad input', () => {
  const anyContainer = fc.record({
    image: wildText(),
    labels: fc.dictionary(
      fc.constantFrom(
        'prometheus.io/scrape',
        'prometheus.io/port',
        'prometheus.io/job',
        'prometheus.io/path',
        'com.docker.compose.service',
      ),
      fc.oneof(wildText(), fc.constantFrom('true', '80', 'x'.repeat(100_000), '\x24{A}\n"\'')),
    ),
    networkMode: fc.constantFrom('host', 'none', 'bridge', 'container:x', ''),
    ports: fc.array(
      fc.record({
        privatePort: fc.integer({ min: 1, max: 65_535 }),
        publicPort: fc.constant(undefined),
        hostIp: fc.constant(undefined),
        type: fc.constantFrom('tcp' as const, 'udp' as const),
      }),
    ),
  });

  test('every container that runs has an outcome, and the others are found beside it', () => {
    fc.assert(
      fc.property(anyContainer, (changes) => {
        const good = container('good', { ports: tcp(80) });
        const found = recognize([container('odd', changes), good], nobodys);
        expect(found.candidates.some((c) => c.container === good)).toBe(true);
        const outcomes = [...found.candidates, ...found.skipped].filter((x) => x.container.name === 'odd');
        expect(outcomes.length).toBeGreaterThan(0);
        for (const { message } of found.warnings) expect(message.length).toBeLessThan(600);
      }),
      { numRuns: 100 },
    );
  });

  test('ten times the containers are ten times the looks at them', () => {
    expect(looksAt(1000)).toBe(10 * looksAt(100));
  });
});

/** How often the properties of that many containers are read. */
function looksAt(count: number): number {
  let looks = 0;
  const counting = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (object, key, receiver) => {
        looks += 1;
        return Reflect.get(object, key, receiver);
      },
    });
  const containers = Array.from({ length: count }, (_, i) => {
    const labels = counting({
      'com.docker.compose.service': `s${i}`,
      ...(i % 2 === 0 ? { 'prometheus.io/port': '9100' } : {}),
    });
    return counting(container(`c${i}`, { labels, ports: counting(tcp(80, 5432, 8080)) }));
  });
  recognize(containers, nobodys);
  return looks;
}
