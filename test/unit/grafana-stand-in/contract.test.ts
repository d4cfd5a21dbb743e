import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StandInVersion } from '../../support/grafana-stand-in/profile.ts';
import { type StandIn, startStandIn } from '../../support/grafana-stand-in/start.ts';
import { ask, basicAuth, fakePrometheus, password, temporaryFolder } from './harness.ts';
import { type Exchange, parseTranscript } from './transcript.ts';

/** The recorded datasource's address; the replay puts the fake Prometheus in its place. */
const recordedPrometheus = 'http://prometheus:9090';

const transcripts: readonly [StandInVersion, string][] = [
  ['7.5.5', 'grafana-7.5.5.transcript.txt'],
  ['9.4', 'grafana-9.4.transcript.txt'],
  ['12.4.3', 'grafana-12.4.3.transcript.txt'],
];

describe.each(transcripts)('the stand-in for %s answers as the recorded server did', (version, file) => {
  const exchanges = parseTranscript(readFileSync(join(import.meta.dirname, '../../fixtures', file), 'utf8'));
  const headersOf = (name: string) => joined(exchanges.find((exchange) => exchange.name === name)?.headers ?? []);
  const queried = exchanges.find((exchange) => exchange.name === 'proxy-query')?.answer ?? '';
  const folder = temporaryFolder();
  let standIn: StandIn;
  let prometheus: Awaited<ReturnType<typeof fakePrometheus>>;

  beforeAll(async () => {
    prometheus = await fakePrometheus(queried, 200, headersOf('proxy-query').get('Vary'));
    standIn = await startStandIn({ version, dataDir: folder.path, adminPassword: password, port: 0 });
  });
  afterAll(async () => {
    await standIn.close();
    await prometheus.close();
    folder.remove();
  });

  it('and the transcript has all its exchanges', () => {
    expect(exchanges).toHaveLength(40);
  });

  it.each(exchanges)('$name: $method $path', async (exchange) => {
    const here = (text: string) => text.replaceAll(recordedPrometheus, prometheus.url);
    const response = await ask(standIn, exchange.path, {
      method: exchange.method,
      body: exchange.body === undefined ? undefined : here(exchange.body),
      authorization: authorizationFor(exchange),
    });

    expect(response.status).toBe(exchange.status);
    const recorded = [...joined(exchange.headers)];
    expect(recorded.map(([name]) => [name, response.headers.get(name)])).toEqual(recorded);
    expect(mask(response.text)).toBe(mask(here(exchange.answer)));
  });

  it('and its proxy really asked Prometheus', () => {
    expect(prometheus.seen.map((request) => request.url)).toContain('/api/v1/query?query=up');
  });
});

/** The recording names the two exchanges that were made with other credentials. */
function authorizationFor({ name }: Exchange): string | null {
  if (name === 'no-auth') return null;
  return basicAuth(name === 'bad-auth' ? 'wrong horse' : password);
}

/** A header that was sent twice, as a client reads it. */
function joined(headers: readonly (readonly [string, string])[]): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of headers) values.set(name, [values.get(name), value].filter(Boolean).join(', '));
  return values;
}

/** Hides what is another every time: the moment of a change (not its absence, the year 1), keys, uids and long ids. */
function mask(text: string): string {
  return text
    .replace(/"20\d\d-\d\d-\d\dT[\d:.]+Z"/g, '"<time>"')
    .replace(/"glsa_\w+"/g, '"<key>"')
    .replace(/"uid":"[a-z\d]{14}"/g, '"uid":"<uid>"')
    .replace(/\b\d{16}\b/g, '<id>');
}
