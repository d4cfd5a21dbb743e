import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/detect/classify.ts';
import { candidateKey, survey, type VerdictMemory } from '../../../src/detect/survey.ts';
import type { Candidate } from '../../../src/detect/types.ts';
import { type Engine, EngineError } from '../../../src/docker/engine.ts';
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
const noting = (done: string[], changes: Partial<Engine> = {}): Engine =>
  fakeEngine({
    connectNetwork: async (name) => void done.push(`join ${name}`),
    exec: async (_, command) => {
      const [mark = '', , , ...args] = command.slice(4);
      const hosts = args.filter((_arg, i) => i % 3 === 0);
      done.push(`ask ${hosts.join(' ')}`);
      const answers = hosts.map(
        () => `\n${mark} code 0\n\n${mark} out\nHTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nup 1\n`,
      );
      return { exitCode: 0, stdout: `${answers.join('')}\n${mark} end`, stderr: '' };
    },
    ...changes,
  });

const web = candidate('web', 'app');
const db = candidate('db', 'data');
const own = candidate('own', 'monitoring');
const observed = {
  containers: [web, db, own].map((c) => c.container),
  networks: ['app', 'data', 'monitoring'].map((n) => network(n)),
};
const vantage = { container: 'prometheus', networks: new Set(['monitoring']) };
const run = (engine: Engine, options: { memory?: VerdictMemory; join?: boolean } = {}) =>
  survey(engine, vantage, [web, db, own], observed, { stackNetwork: 'monitoring', join: true, ...options });

describe('a survey', () => {
  it('joins what it is not on yet, once each, and asks all with one command', async () => {
    const done: string[] = [];
    const { surveyed, joined } = await run(noting(done));
    expect(done).toEqual(['join app', 'join data', 'ask web db own']);
    expect(joined).toEqual(['app', 'data']);
    expect(surveyed.map((s) => s.verdict?.ok)).toEqual([true, true, true]);
  });

  it('without joining asks whom it reaches as it stands', async () => {
    const done: string[] = [];
    const { surveyed, joined } = await run(noting(done), { join: false });
    expect(done).toEqual(['ask own']);
    expect(joined).toEqual([]);
    expect(surveyed.map((s) => s.verdict?.ok)).toEqual([undefined, undefined, true]);
  });

  it('loses the candidates of a network that is gone, and no others', async () => {
    const done: string[] = [];
    const connectNetwork = async (name: string) => {
      if (name === 'app') throw new EngineError(404, 'network app not found');
    };
    const { surveyed, joined } = await run(noting(done, { connectNetwork }));
    expect(done).toEqual(['ask db own']);
    expect(joined).toEqual(['data']);
    expect(surveyed[0]).toMatchObject({ reach: { ok: false, code: 'network-gone' } });
    expect(surveyed[0]?.verdict).toBeUndefined();
    expect(surveyed.slice(1).map((s) => s.verdict?.ok)).toEqual([true, true]);
  });

  it('asks nobody whose verdict is remembered, joins nothing for them, and remembers the rest', async () => {
    const done: string[] = [];
    const known: Verdict = { ok: false, code: 'html', reason: 'HTML' };
    const remembered: string[] = [];
    const memory: VerdictMemory = {
      recall: (c) => (c === web ? known : undefined),
      remember: (c, _, joined) => void remembered.push(`${c.container.name}${joined ? ' joined' : ''}`),
    };
    const { surveyed } = await run(noting(done), { memory });
    expect(done).toEqual(['join data', 'ask db own']);
    expect(surveyed[0]?.verdict).toBe(known);
    expect(remembered).toEqual(['db joined', 'own']);
  });

  it('remembers whom it could not get to, so that they are not tried at once again', async () => {
    const remembered: string[] = [];
    const memory: VerdictMemory = {
      recall: () => undefined,
      remember: (c, verdict) => void remembered.push(`${c.container.name} ${verdict.ok ? 'good' : verdict.code}`),
    };
    const connectNetwork = async () => {
      throw new EngineError(403, 'no addresses left');
    };
    await run(noting([], { connectNetwork }), { memory });
    expect(remembered).toEqual(['web unreachable', 'db unreachable', 'own good']);
    remembered.length = 0;
    await run(noting([]), { memory, join: false });
    expect(remembered).toEqual(['own good']);
  });

  it('of nobody makes no call', async () => {
    const { surveyed } = await survey(fakeEngine(), vantage, [], observed, { stackNetwork: 'monitoring', join: true });
    expect(surveyed).toEqual([]);
  });
});

it('candidates are told apart by container, scheme, port and path', () => {
  const keys = [web, { ...web, port: 1 }, { ...web, metrics_path: '/' }, { ...web, scheme: 'https' as const }, db];
  expect(new Set(keys.map(candidateKey)).size).toBe(keys.length);
  expect(candidateKey(web)).toBe(candidateKey({ ...web, job: 'other' }));
});
