import { describe, expect, test } from 'vitest';
import { fillExporter } from '../../../src/config/fill.ts';
import type { RefusalCode, Verdict } from '../../../src/detect/classify.ts';
import { diagnose } from '../../../src/explain/diagnose.ts';
import type { Elsewhere, Evidence, Inspected, Listener } from '../../../src/explain/evidence.ts';
import { byServer } from '../../../src/exporters/unread-server.ts';
import { container } from '../../support/containers.ts';
import { attached } from '../../support/observed.ts';

const orders: Inspected = {
  id: 'id-of-orders',
  name: 'orders',
  image: 'example/app:1',
  state: 'running',
  exitCode: 0,
  error: '',
  oomKilled: false,
  restartCount: 0,
  startedAt: '',
  finishedAt: '',
  env: {},
  exposedPorts: [],
  user: '',
  networkMode: 'shop',
  networks: [{ ...attached('shop'), aliases: [] }],
  halfConnected: [],
  runningFor: 3600,
};
/** The same container as it is listed and inspected. */
const inspected = (changes: Partial<Inspected>): Pick<Evidence, 'container' | 'inspected'> => {
  const { name, state, networkMode, networks, ...rest } = { ...orders, ...changes };
  return {
    container: container(name, { state, networkMode, networks }),
    inspected: { name, state, networkMode, networks, ...rest },
  };
};

const refuse = (code: RefusalCode, reason: string = code): Verdict => ({ ok: false, code, reason });
const good = (changes: Partial<Extract<Verdict, { ok: true }>> = {}): Verdict => ({
  ok: true,
  format: 'text',
  metrics: 12,
  samples: 40,
  ...changes,
});

/** What a fresh request brought. */
const heard = (answer: Verdict | undefined): Partial<Evidence> =>
  answer === undefined ? {} : answer.ok ? { served: answer } : { refusal: answer };
type Heard<T> = T & { answer?: Verdict };

const evidence = ({ answer, ...changes }: Heard<Partial<Evidence>> = {}): Evidence => ({
  job: 'orders',
  instance: 'orders:9100',
  endpoint: { address: 'orders:9100', scheme: 'http', metrics_path: '/metrics' },
  origin: 'config',
  health: 'down',
  standing: 'listed',
  ...inspected({}),
  access: { by: 'shared' },
  elsewhere: [],
  now: Date.UTC(2026, 0),
  prometheus: { container: 'monitoring-prometheus', version: '3.5.3' },
  names: ['orders', 'payments'],
  ...heard(answer),
  ...changes,
});

/** No container is known for it. */
const { container: _, inspected: __, access: ___, ...nowhere } = evidence();

const elsewhere = (verdict: Verdict, changes: Partial<Elsewhere['endpoint']>): Elsewhere => ({
  endpoint: { ...evidence().endpoint, ...changes },
  verdict,
});

/** The finding as a person would read it. */
const told = ({ answer, ...rest }: Heard<Evidence>): string => {
  const finding = diagnose({ ...rest, ...heard(answer) });
  return finding === undefined ? 'nothing' : `[${finding.code}] ${finding.cause} -> ${finding.remedy}`;
};

const REFUSED = 'Get "http://orders:9100/metrics": dial tcp 10.0.0.2:9100: connect: connection refused';
const TIMEOUT = 'Get "http://orders:9100/metrics": context deadline exceeded';
const NO_HOST = 'Get "http://orders:9100/metrics": dial tcp: lookup orders on 127.0.0.11:53: no such host';

describe('the container', () => {
  test.each<[Partial<Inspected>, string]>([
    [
      { state: 'exited', exitCode: 127 },
      '[container-exited] container orders has ended with exit code 127 (its command was not found) -> fix what ended it (`docker logs orders` shows its whole log), then `docker start orders`',
    ],
    [
      { state: 'exited', exitCode: 137 },
      '[container-exited] container orders has ended with exit code 137 (it was killed: by `docker stop` or `docker kill`, or because the machine had no memory left) -> `docker start orders`',
    ],
    [
      { state: 'exited', exitCode: 1, lastLine: '\u001b[31mpanic:\u001b[0m no\tdatabase' },
      '[container-exited] container orders has ended with exit code 1; the last line of its log: panic: no database -> fix what ended it (`docker logs orders` shows its whole log), then `docker start orders`',
    ],
    [
      { state: 'created', error: 'port is already allocated' },
      '[container-not-started] container orders was created and not started: port is already allocated -> `docker start orders`',
    ],
    [
      { state: 'restarting', exitCode: 1, restartCount: 1, runningFor: undefined },
      '[container-restarting] container orders keeps restarting (1 time so far): it ends with exit code 1 -> fix what ends it: `docker logs orders` shows its whole log',
    ],
    [
      { state: 'restarting', restartCount: 9, runningFor: 0, lastLine: 'no database' },
      '[container-restarting] container orders keeps restarting (9 times so far); the last line of its log: no database -> fix what ends it: `docker logs orders` shows its whole log',
    ],
    [
      { leftBy: 'vpn' },
      '[network-left] container orders shares the network of vpn, which was restarted since: orders is cut off from the new one -> `docker restart orders`',
    ],
    [
      { state: 'paused' },
      '[container-paused] container orders is paused: it accepts connections and does not answer -> `docker unpause orders`',
    ],
  ])('%j', (changes, words) => {
    // Whatever the scrape said.
    for (const error of [NO_HOST, TIMEOUT, REFUSED])
      expect(told(evidence({ ...inspected(changes), error }))).toBe(words);
  });

  test('on no network in common', () => {
    expect(told(evidence({ access: { by: 'joining', network: 'shop' }, error: TIMEOUT }))).toBe(
      '[no-shared-network] container orders is on the network shop, and Prometheus is not: it cannot resolve its name or reach it -> `monitor up` lets Prometheus join shop',
    );
    expect(told(evidence({ access: { by: 'none', reason: 'it is on no network' } }))).toContain(
      '[no-network] Prometheus cannot reach container orders: it is on no network -> put it on a network: `docker network connect NETWORK orders`',
    );
  });

  test('on network `none`, which a container cannot leave, and on a network that was removed', () => {
    const access = { by: 'none', reason: 'it is on no network' } as const;
    const remedy = (changes: Partial<Inspected>) => diagnose(evidence({ access, ...inspected(changes) }))?.remedy;
    expect(remedy({ networkMode: 'none', networks: [{ ...attached('none'), aliases: [] }] })).toBe(
      'put it on a network: `docker network disconnect none orders`, then `docker network connect NETWORK orders`, then `monitor up`',
    );
    expect(remedy({ networkMode: 'container:0123', networks: [] })).toMatch(/^recreate orders on a network of its own/);
  });

  test.each<[Evidence['origin'], string]>([
    ['detected', '[container-gone] container orders is gone -> `monitor up` removes it from the targets'],
    [
      'exporter',
      "[container-gone] the exporter's container shop-pg is gone -> `monitor up` creates and starts it again",
    ],
  ])('that was not named by hand and is gone has no name to correct: %s', (origin, words) => {
    const address = origin === 'exporter' ? 'shop-pg:9187' : '172.17.0.4:9100';
    for (const [answer, error] of [
      [refuse('no-such-host'), NO_HOST],
      [refuse('timeout'), TIMEOUT],
    ] as const) {
      const gone = { ...nowhere, origin, answer, error, names: ['order-s'] };
      expect(told({ ...gone, endpoint: { ...nowhere.endpoint, address } })).toContain(words);
    }
  });
});

describe('the connection', () => {
  test('a name may time out before it does not resolve', () => {
    const pairs: [Verdict, string][] = [
      [refuse('timeout'), NO_HOST],
      [refuse('no-such-host'), TIMEOUT],
    ];
    for (const [answer, error] of pairs) {
      expect(told({ ...nowhere, answer, error, names: ['order-s'] })).toContain(
        '[no-such-host] the name "orders" does not resolve: there is no container of that name; did you mean order-s?',
      );
    }
  });

  test('the name of a container that runs by now is not corrected to itself', () => {
    expect(told(evidence({ answer: refuse('no-such-host'), error: NO_HOST }))).toMatch(
      /^\[starting\] the name "orders" did not resolve, since container orders was not running; it runs by now -> wait/,
    );
    const refused = evidence({
      answer: refuse('refused'),
      error: NO_HOST,
      ...inspected({ runningFor: 4 }),
      listeners: [],
    });
    expect(told(refused)).toMatch(/^\[starting\] container orders started 4 s ago/);
  });

  test('young and silent is starting; older is not listening', () => {
    const answer = refuse('refused');
    const young = inspected({ runningFor: 4 });
    expect(told(evidence({ answer, error: REFUSED, ...young, listeners: [] }))).toMatch(
      /^\[starting\] container orders started 4 s ago, .* \(nothing listens in it on any port\) -> wait/,
    );
    const again = inspected({ runningFor: 4, restartCount: 12 });
    expect(told(evidence({ answer, error: REFUSED, ...again, listeners: [] }))).toMatch(
      /^\[starting\] container orders started 4 s ago, after 12 restarts, and nothing/,
    );
    const listeners: Listener[] = [
      { port: 5432, on: 'any' },
      { port: 8081, on: 'loopback' },
    ];
    expect(told(evidence({ answer, error: REFUSED, listeners }))).toMatch(
      /^\[not-listening\] nothing in container orders listens on port 9100: it listens on 5432, 8081 \(on 127\.0\.0\.1 only\) ->/,
    );
  });

  test('a program that is slow can be given more time', () => {
    const listeners: Listener[] = [{ port: 9100, on: 'any' }];
    expect(told(evidence({ answer: refuse('timeout'), error: TIMEOUT, listeners }))).toMatch(
      /^\[timeout\] container orders accepts the connection .* -> .*scrape_interval: 30s, scrape_timeout: 20s/,
    );
  });

  test('one address of several', () => {
    const listeners: Listener[] = [{ port: 9100, on: { address: '10.9.0.2' } }];
    expect(told(evidence({ answer: refuse('refused'), listeners }))).toContain(
      '[listens-on-one-address] container orders listens on 10.9.0.2:9100 only',
    );
  });

  test('IPv6 only, as far as the table of ports shows it', () => {
    const at = (listeners: Listener[]) => told(evidence({ answer: refuse('refused'), error: REFUSED, listeners }));
    expect(at([{ port: 9100, on: 'any-ipv6' }])).toMatch(
      /^\[listens-on-ipv6\] container orders listens on port 9100 for IPv6 only, .* -> let the program listen on 0\.0\.0\.0:9100 too/,
    );
    expect(at([{ port: 9100, on: 'any' }])).toMatch(/^\[refused\] .* by now -> wait for the next scrape$/);
  });

  test('without a look at its ports both possibilities are named', () => {
    expect(told(evidence({ answer: refuse('refused') }))).toContain(
      '[refused] container orders refuses the connection: nothing listens on port 9100, or only on 127.0.0.1',
    );
  });
});

describe('this machine', () => {
  const host: Evidence = {
    ...nowhere,
    instance: 'localhost:9100',
    endpoint: { ...nowhere.endpoint, address: 'host.docker.internal:9100' },
  };
  const listening = { listens: true, containers: [] };

  test('a firewall shows as silence', () => {
    expect(told({ ...host, ownMachine: listening, answer: refuse('timeout'), error: TIMEOUT })).toMatch(
      /^\[firewall\] port 9100 of this machine/,
    );
    expect(told({ ...host, ownMachine: listening, answer: refuse('refused'), error: REFUSED })).toMatch(
      /^\[listens-on-loopback\]/,
    );
  });

  test('where the engine is on another one, both possibilities are named', () => {
    expect(told({ ...host, ownMachine: { containers: [] }, answer: refuse('refused') })).toContain(
      '[not-listening] localhost:9100 means this machine: nothing listens on port 9100 there, or only on 127.0.0.1',
    );
  });

  test('the stack’s own Prometheus, which is scraped already, is not to be named once more', () => {
    const ownMachine = { containers: [{ name: 'prometheus', port: 9090, published: '127.0.0.1', isOwn: true }] };
    const words = told({ ...host, ownMachine, answer: refuse('refused'), error: REFUSED });
    expect(words).toMatch(
      /^\[localhost-is-a-container\] .* -> `monitor remove-target localhost:9100`: prometheus is scraped/,
    );
  });

  test('a published port that the engine’s proxy closes again is the container’s', () => {
    const ownMachine = { containers: [{ name: 'orders', port: 8080, published: '0.0.0.0' }] };
    expect(told({ ...host, ownMachine, answer: refuse('reset') })).toContain(
      '[published-and-closed] localhost:9100 is published from container orders, in which nothing answers on port 8080',
    );
  });
});

describe('the answer', () => {
  test('is corrected where the target was named', () => {
    const found = { answer: refuse('not-found'), elsewhere: [elsewhere(good(), { metrics_path: '/q/metrics' })] };
    const cause = '[wrong-path] /metrics has nothing (HTTP 404); /q/metrics serves 12 metrics -> ';
    expect(told(evidence(found))).toBe(`${cause}\`monitor add-target orders:9100 --metrics-path /q/metrics\``);
    expect(told(evidence({ ...found, origin: 'detected' }))).toBe(
      `${cause}give the container orders the label prometheus.io/path: "/q/metrics", or name it without recreating it: \`monitor add-target orders:9100 --metrics-path /q/metrics\``,
    );
    expect(told(evidence({ ...found, origin: 'passthrough' }))).toBe(
      `${cause}in the job "orders" of \`scrape_configs\`, write \`metrics_path: /q/metrics\`; then \`monitor up\``,
    );
  });

  test('a new address keeps the job', () => {
    const listeners: Listener[] = [{ port: 8080, on: 'any' }];
    const other = elsewhere(good(), { address: 'orders:8080' });
    expect(told(evidence({ answer: refuse('refused'), listeners, job: 'shop', elsewhere: [other] }))).toContain(
      '-> `monitor remove-target orders:9100`, then `monitor add-target orders:8080 --job-name shop`',
    );
  });

  test('a new address keeps all else that monitor.yml says of the target, in words that a shell reads back', () => {
    const moved = evidence({
      answer: refuse('refused'),
      listeners: [{ port: 8080, on: 'any' }],
      elsewhere: [elsewhere(good(), { address: 'orders:8080', metrics_path: '/m' })],
      endpoint: { address: 'orders:9100', scheme: 'https', metrics_path: '/m' },
      job: "bob's shop",
      named: { scrape_interval: '5s', labels: { team: 'a b', tier: '1' }, sharesJob: false },
    });
    expect(told(moved)).toContain(
      "then `monitor add-target orders:8080 --job-name 'bob'\\''s shop' --metrics-path /m --scheme https --scrape-interval 5s --label 'team=a b' --label tier=1`",
    );
  });

  test('of a redirect is what was heard there, and no word about the port that was asked', () => {
    const there = {
      redirectedTo: 'https://orders:9443/',
      reason: 'redirects to https://orders:9443/, which refuses it',
    };
    const answer: Verdict = { ok: false, code: 'refused', ...there };
    expect(told(evidence({ answer, error: REFUSED }))).toMatch(
      /^\[redirected\] \/metrics redirects to https:\/\/orders:9443\/, which refuses it ->/,
    );
    const other = elsewhere(good(), { metrics_path: '/m' });
    expect(told(evidence({ answer, error: REFUSED, elsewhere: [other] }))).toMatch(
      /^\[wrong-path\] .*which refuses it; \/m serves 12 metrics -> `monitor add-target/,
    );
  });

  test('that does not end is good as it begins', () => {
    expect(told(evidence({ answer: good({ truncated: true }), error: TIMEOUT }))).toMatch(/^\[endless\]/);
    expect(told(evidence({ answer: good(), error: TIMEOUT }))).toMatch(/^\[answers-now\]/);
  });

  test('that is too slow for detection may be named, with all that is known of it', () => {
    const answer = refuse('timeout', 'does not answer within 2 s');
    const endpoint = { address: 'orders:9100', scheme: 'http', metrics_path: '/m' } as const;
    const found = evidence({ answer, endpoint, origin: 'detected', standing: 'found', health: 'pending', job: 'shop' });
    expect(told({ ...found, listeners: [{ port: 9100, on: 'any' }] })).toMatch(
      /^\[timeout\] container orders does not answer within 2 s .* `monitor add-target orders:9100 --job-name shop --metrics-path \/m`$/,
    );
  });

  test('TLS and plain HTTP, by what the other one says', () => {
    const https = elsewhere({ ok: false, code: 'not-found', reason: '', status: 404 }, { scheme: 'https' });
    const neither = elsewhere(refuse('tls'), { scheme: 'https' });
    const tlsPort = elsewhere({ ok: false, code: 'tls', reason: '', status: 400 }, { scheme: 'http' });
    const failing: Verdict = { ok: false, code: 'http-status', reason: 'answers with HTTP status 503', status: 503 };
    expect(told(evidence({ answer: refuse('reset'), elsewhere: [https] }))).toMatch(/^\[wants-tls\]/);
    expect(told(evidence({ answer: refuse('reset'), elsewhere: [neither] }))).toMatch(/^\[reset\]/);
    expect(told(evidence({ answer: failing, elsewhere: [neither] }))).toMatch(
      /^\[http-status\] it answers with an error of its own \(HTTP 503\)/,
    );
    expect(told(evidence({ answer: refuse('tls') }))).toMatch(/^\[wants-tls\]/);
    const secure = { ...evidence().endpoint, scheme: 'https' as const };
    expect(told(evidence({ endpoint: secure, answer: refuse('reset'), elsewhere: [tlsPort] }))).toMatch(/^\[reset\]/);
  });

  test('is explained by Prometheus’s error if it could not be asked', () => {
    expect(told(evidence({ error: 'server returned HTTP status 404 Not Found' }))).toMatch(/^\[not-found\]/);
    expect(told(evidence({ error: 'received unsupported Content-Type "text/html" and no' }))).toMatch(/^\[html\]/);
    expect(told(evidence({ error: 'data does not end with # EOF' }))).toMatch(/^\[no-eof\] .* does not end with # EOF/);
    expect(told(evidence({ error: '"INVALID" is not a valid start token' }))).toMatch(/^\[not-metrics\]/);
  });

  test('that is good is refused for its Content-Type by Prometheus 3 alone', () => {
    const answer = good({ fallback: 'OpenMetricsText1.0.0' });
    expect(told(evidence({ health: 'pending', answer }))).toMatch(/^\[content-type\] .*OpenMetricsText1\.0\.0/);
    expect(told(evidence({ health: 'pending', answer: good() }))).toMatch(/^\[first-scrape\]/);
  });

  test('with series twice is kept in part', () => {
    const duplicates = [
      { series: 'a', times: 3 },
      { series: 'b', times: 2 },
      { series: 'c', times: 2 },
    ];
    expect(told(evidence({ health: 'up', answer: good({ duplicates }) }))).toMatch(
      /^\[duplicate-samples\] it serves a 3 times in one answer, and 2 other series:/,
    );
  });

  test('that is good by now needs no change', () => {
    expect(told(evidence({ answer: good(), error: REFUSED }))).toMatch(
      /^\[answers-now\] .*answered with 12 metrics -> wait/,
    );
    expect(told(evidence({ answer: good(), health: 'up' }))).toBe('nothing');
  });

  test.each([
    ['tls: failed to verify certificate: x509: certificate has expired or is not yet valid', 'insecure_skip_verify'],
    ['x509: certificate signed by unknown authority', 'insecure_skip_verify'],
    ['x509: certificate is valid for a.example, b.example, not orders', 'server_name: a.example'],
  ])('certificate: %s', (error, remedy) => {
    const finding = diagnose(evidence({ answer: good(), error: `Get "https://orders:9100/metrics": ${error}` }));
    expect(finding?.code).toBe('certificate');
    expect(finding?.remedy).toContain(remedy);
    expect(finding?.remedy).toContain('under `scrape_configs` in monitor.yml: `- {job_name: orders');
  });
});

describe('an exporter that cannot read its server', () => {
  const exporter = fillExporter({ name: 'postgres', for: 'db' }, 'monitoring');
  const db = { ...orders, name: 'db' };

  test.each<[{ container?: Inspected; listeners?: Listener[] }, string]>([
    [
      {},
      '[server-gone] it runs, and cannot read db:5432: there is no container db -> start it, or `monitor remove-exporter postgres --for db`',
    ],
    [
      { container: { ...db, state: 'exited', exitCode: 137 } },
      '[server-not-running] it runs, and cannot read db:5432: container db has ended with exit code 137 (it was killed: by `docker stop` or `docker kill`, or because the machine had no memory left) -> `docker start db`',
    ],
    [
      { container: db, listeners: [{ port: 5432, on: 'loopback' }] },
      '[server-on-loopback] it runs, and cannot read db:5432: container db listens on 127.0.0.1:5432 only, which cannot be reached from outside it -> let the server listen on 0.0.0.0:5432 inside its container (often a setting called bind or listen address)',
    ],
    [
      { container: db, listeners: [{ port: 5433, on: 'any' }] },
      '[server-not-listening] it runs, and cannot read db:5432: nothing in container db listens on port 5432, it listens on 5433 -> name its port: `monitor add-exporter postgres --for db --port PORT`',
    ],
    [
      { container: db, listeners: [{ port: 5432, on: 'any' }] },
      '[server-unread] it runs, and cannot read db:5432: the credentials are wrong, or it cannot be reached -> give it other options with `monitor add-exporter postgres --for db …`; a separate user needs the role pg_monitor',
    ],
  ])('%#', ({ container, listeners }, words) => {
    const { code, cause, remedy } = byServer(exporter, container, listeners);
    expect(`[${code}] ${cause} -> ${remedy}`).toBe(words);
  });

  test('comes before duplicate samples for a target that is up', () => {
    const unread = byServer(exporter);
    const duplicates = [{ series: 'a', times: 2 }];
    expect(diagnose(evidence({ origin: 'exporter', health: 'up', answer: good({ duplicates }), unread }))).toBe(unread);
    expect(diagnose(evidence({ origin: 'exporter', answer: refuse('refused'), unread }))?.code).toBe('refused');
  });

  test('is why it does not answer in time', () => {
    const unread = byServer(exporter);
    expect(diagnose(evidence({ origin: 'exporter', answer: refuse('timeout'), error: TIMEOUT, unread }))).toBe(unread);
  });
});

describe('how far it has come', () => {
  test.each<[Heard<Partial<Evidence>>, string]>([
    [{ standing: 'wanted' }, 'not-loaded'],
    [{ standing: 'wanted', ...inspected({ state: 'exited', exitCode: 1 }) }, 'container-exited'],
    [{ standing: 'found', answer: good(), origin: 'detected' }, 'not-loaded'],
    [{ standing: 'found', answer: refuse('not-found') }, 'not-found'],
    [{ standing: 'loaded', answer: good() }, 'not-listed'],
    [{ standing: 'listed', answer: good() }, 'first-scrape'],
    [{ standing: 'listed' }, 'unknown'],
  ])('%#: %j', (changes, code) => {
    expect(diagnose(evidence({ health: 'pending', ...changes }))?.code).toBe(code);
  });
});

describe('a static address that is not the container’s', () => {
  const moved = { name: 'orders', scraped: '172.17.0.4', now: '172.17.0.5' };

  test('comes before what was heard at that address', () => {
    expect(diagnose(evidence({ moved, answer: good() }))?.code).toBe('address-moved');
    expect(diagnose(evidence({ moved, answer: refuse('timeout') }))?.code).toBe('address-moved');
  });

  test('says who has it where the container has ended or is gone', () => {
    const { now: _now, ...ended } = moved;
    const stopped = inspected({ state: 'exited' });
    expect(told(evidence({ moved: { ...ended, holder: 'db' }, ...stopped }))).toMatch(/address-moved.*container db/);
    expect(told(evidence({ moved: { ...ended, holder: 'db' }, container: undefined }))).toMatch(
      /container-gone.*container db/,
    );
    expect(diagnose(evidence({ moved: ended, ...stopped }))?.code).toBe('container-exited');
  });
});

test('a server that refuses names with "_" gets an alias without, and keeps those that it has', () => {
  const networks = [
    { ...attached('shop'), aliases: ['web_app', '0123456789ab', 'shop'] },
    { ...attached('other'), aliases: ['elsewhere'] },
  ];
  const endpoint = { ...evidence().endpoint, address: 'web_app:8000' };
  const named = {
    ...inspected({ name: 'web_app', networks }),
    endpoint,
    instance: 'web_app:8000',
    answer: refuse('host-refused'),
  };
  expect(diagnose(evidence(named))?.remedy).toContain(
    '`docker network disconnect shop web_app`, `docker network connect --alias web_app --alias shop --alias web-app shop web_app`, then `monitor remove-target web_app:8000`, then `monitor add-target web-app:8000',
  );
});

test('a name that several containers answer to is one that may be meant otherwise', () => {
  const several = '2 containers answer to "web" (w1, w2), so a scrape reaches one or another of them';
  expect(told(evidence({ several, answer: refuse('refused') }))).toMatch(
    /^\[refused\] .*; 2 containers answer to "web" \(w1, w2\), .* -> name one container instead; or /,
  );
});

describe('the guard', () => {
  const file =
    'Get "http://orders:9100/metrics": unable to read basic auth password file /pw: open /pw: no such file or directory';

  test.each([
    ['invalid UTF-8 label value', 'not-utf8'],
    ['expected a valid start token, got "\\x1f" ("INVALID") while parsing: "\\x1f"', 'compressed'],
    ['Get "/m": net/http: HTTP/1.x transport connection broken: malformed MIME header: missing colon', 'bad-headers'],
    ['words that no one has read yet', 'not-metrics'],
    [file, 'file'],
  ])('%s is the cause, whatever a fresh request says', (error, code) => {
    for (const answer of [good(), refuse('refused'), undefined]) {
      const finding = diagnose(evidence({ answer, error }));
      expect(finding?.code).toBe(code);
      expect(finding?.remedy).not.toContain('wait');
    }
  });

  test('a fresh answer without metrics gives a more exact reason', () => {
    const error = '"INVALID" is not a valid start token';
    for (const code of ['bom', 'json-string', 'host-refused', 'html'] as const) {
      expect(diagnose(evidence({ answer: refuse(code), error }))?.code).toBe(code);
    }
  });

  test('a fresh answer that could not be read as HTTP is less exact', () => {
    const error = 'Get "/m": net/http: HTTP/1.x transport connection broken: bad Content-Length "x"';
    expect(diagnose(evidence({ answer: refuse('not-http'), error }))).toMatchObject({
      code: 'bad-headers',
      cause: expect.stringContaining('bad Content-Length "x"'),
    });
  });

  test.each(['204 No Content', '304 Not Modified', '302 Found'])('%s is an answer that it does not take', (status) => {
    const finding = diagnose(
      evidence({ answer: refuse('http-status'), error: `server returned HTTP status ${status}` }),
    );
    expect(finding).toMatchObject({ code: 'http-status', cause: expect.stringContaining('takes 200 only') });
    expect(finding?.remedy).not.toContain('follow_redirects');
  });

  test('a fresh request that is sent to a login page says nothing against it', () => {
    const answer: Verdict = {
      ok: false,
      code: 'html',
      reason: 'redirects to /login',
      status: 200,
      redirectedTo: '/login',
    };
    expect(diagnose(evidence({ answer, error: file }))?.code).toBe('file');
    expect(diagnose(evidence({ answer }))?.code).toBe('redirected');
  });

  test('what answers, and was started a moment ago, was scraped too early', () => {
    const at = (runningFor: number) =>
      diagnose(
        evidence({ answer: good(), error: REFUSED, recent: { succeeded: 9, failed: 2 }, ...inspected({ runningFor }) }),
      );
    expect(at(12)).toMatchObject({ code: 'starting', remedy: 'wait for the next scrape' });
    expect(at(120)?.code).toBe('answers-at-times');
  });

  test('it answers at times only where both were seen', () => {
    const at = (succeeded: number, failed: number, error = 'server returned HTTP status 503 Service Unavailable') =>
      diagnose(evidence({ answer: good(), error, recent: { succeeded, failed } }))?.code;
    expect(at(3, 4)).toBe('answers-at-times');
    expect(at(0, 7)).toBe('refuses-prometheus');
    expect(at(0, 7, TIMEOUT)).toBe('timeout');
    expect(at(0, 7, REFUSED)).toBe('answers-now');
    expect(at(0, 1)).toBe('answers-now');
  });
});
