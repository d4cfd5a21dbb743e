import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/detect/classify.ts';
import {
  beforeAsking,
  candidateKey,
  networksFor,
  survey,
  unanswered,
  type VerdictMemory,
} from '../../../src/detect/survey.ts';
import type { Candidate } from '../../../src/detect/types.ts';
import type { Engine } from '../../../src/docker/engine.ts';
import { container } from '../../support/containers.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { attached, network } from '../../support/observed.ts';

const candidate = (name: string, on: string): Candidate => ({
  container: container(name, { networks: [attached(on)] }),
  port: 9100,
  metrics_path: '/metrics',
  scheme: 'http',
  job: name,
  source: 'port',
  reason: '',
});

/** An engine on which every endpoint answers with metrics, and which notes what it is asked to do. */
const noting = (done: string[]): Engine =>
  fakeEngine({
    exec: async (_, command) => {
      const [mark = '', , , ...args] = command.slice(4);
      const hosts = args.filter((_arg, i) => i % 3 === 0);
      done.push(`ask ${hosts.join(' ')}`);
      const answers = hosts.map(
        () => `\n${mark} code 0\n\n${mark} out\nHTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nup 1\n`,
      );
      return { exitCode: 0, stdout: `${answers.join('')}\n${mark} end`, stderr: '' };
    },
  });

const web = candidate('web', 'app');
const db = candidate('db', 'data');
const own = candidate('own', 'monitoring');
const observed = {
  containers: [web, db, own].map((c) => c.container),
  networks: ['app', 'data', 'monitoring'].map((n) => network(n)),
};
const refused = new Map([['app', 'network app not found']]);
const all = beforeAsking([web, db, own], observed, 'monitoring');
const on = (...networks: string[]) => ({ container: 'probe', networks: new Set(['monitoring', ...networks]), refused });

describe('a survey', () => {
  it('asks all endpoints with one command', async () => {
    const done: string[] = [];
    const surveyed = await survey(noting(done), on('app', 'data'), all);
    expect(done).toEqual(['ask web db own']);
    expect(surveyed.map((s) => s.verdict?.ok)).toEqual([true, true, true]);
  });

  it('says of endpoints on a network that cannot be joined why, and asks the others', async () => {
    const done: string[] = [];
    const surveyed = await survey(noting(done), on('data'), all);
    expect(done).toEqual(['ask db own']);
    expect(surveyed[0]).toMatchObject({ reach: { ok: false, code: 'network-gone' }, verdict: undefined });
    expect(surveyed.slice(1).map((s) => s.verdict?.ok)).toEqual([true, true]);
    const full = { ...on('data'), refused: new Map([['app', 'no available IPv4 addresses']]) };
    const [other] = await survey(noting([]), full, all);
    expect(other?.reach).toMatchObject({ code: 'network-refused', reason: expect.stringContaining('IPv4 addresses') });
  });

  it('does not ask what is remembered, or scraped already, and remembers the rest', async () => {
    const done: string[] = [];
    const remembered: string[] = [];
    const known: Verdict = { ok: false, code: 'html', reason: 'HTML' };
    const memory: VerdictMemory = {
      recall: (c) => (c === web ? known : undefined),
      remember: (c, verdict) => void remembered.push(`${c.container.name} ${verdict.ok ? 'good' : verdict.code}`),
    };
    const scraped = (c: Candidate) => (c === own ? {} : undefined);
    const before = beforeAsking([web, db, own], observed, 'monitoring', scraped, memory);
    expect(networksFor(unanswered(before))).toEqual(['data']);
    const surveyed = await survey(noting(done), on('data'), before, { memory });
    expect(done).toEqual(['ask db']);
    expect(surveyed[0]?.verdict).toBe(known);
    expect(surveyed[2]).toMatchObject({ known: {} });
    expect(remembered).toEqual(['db good']);
  });

  it('remembers what it could not reach, so that it is not tried again at once', async () => {
    const remembered: string[] = [];
    const memory: VerdictMemory = {
      recall: () => undefined,
      remember: (c, verdict) => void remembered.push(`${c.container.name} ${verdict.ok ? 'good' : verdict.code}`),
    };
    await survey(noting([]), on(), all, { memory });
    expect(remembered).toEqual(['web unreachable', 'db unreachable', 'own good']);
  });

  it('without candidates makes no call', async () => {
    expect(await survey(fakeEngine(), on(), [])).toEqual([]);
  });
});

it('candidates differ by container, scheme, port and path', () => {
  const keys = [web, { ...web, port: 1 }, { ...web, metrics_path: '/' }, { ...web, scheme: 'https' as const }, db];
  expect(new Set(keys.map(candidateKey)).size).toBe(keys.length);
  expect(candidateKey(web)).toBe(candidateKey({ ...web, job: 'other' }));
});
