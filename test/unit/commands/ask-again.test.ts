import { expect, it } from 'vitest';
import type { Deps } from '../../../src/commands/deps.ts';
import { askAgain } from '../../../src/commands/detection.ts';
import { sessionOn } from '../../../src/commands/session.ts';
import { newWatchMemory } from '../../../src/commands/watch-memory.ts';
import type { Engine } from '../../../src/docker/engine.ts';
import { jsonReporter } from '../../../src/output/json.ts';
import { container, tcp } from '../../support/containers.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { attached, config, desiredFor, network, standing } from '../../support/observed.ts';
import { recordedOutput } from '../../support/output.ts';

const wanted = config('name: shop');

const session = (engine: Engine) => {
  const deps: Deps = {
    cwd: '/srv/shop',
    configPath: undefined,
    packageRoot: '/',
    env: {},
    signal: new AbortController().signal,
    reporter: jsonReporter(recordedOutput()),
    connect: async () => engine,
    confirm: undefined,
  };
  return sessionOn(deps, { path: '/srv/shop/monitor.yml', text: '', config: wanted }, engine);
};

/** A round that looked while Prometheus was on both networks, and after which it is on its own one alone. */
const seen = (on: string) => {
  const both = [wanted.network, 'app'];
  const observed = standing(
    desiredFor(wanted),
    { prometheus: { detail: { networks: both.map((name) => ({ ...attached(name), aliases: [] })) } } },
    {
      containers: [container('web', { networks: [attached(on)], ports: tcp(9100) })],
      networks: both.map((name) => network(name)),
    },
  );
  return { observed, networks: new Set([wanted.network]) };
};

/** Every endpoint answers like this, and no network can be joined. */
const answering = (head: string): Engine =>
  fakeEngine({
    exec: async (_, command) => {
      const mark = command[4] ?? '';
      const stdout = `\n${mark} code 0\n\n${mark} out\nHTTP/1.0 ${head}\r\n\r\nup 1\n\n${mark} end`;
      return { exitCode: 0, stdout, stderr: '' };
    },
  });

it('who is within reach is asked on the spot', async () => {
  const own = seen(wanted.network);
  expect(await askAgain(session(answering('200 OK')), own, newWatchMemory())).toBe(true);
  expect(await askAgain(session(answering('404 Not Found')), own, newWatchMemory())).toBe(false);
});

it('who is on a network that was left takes a round, and nobody is asked', async () => {
  expect(await askAgain(session(fakeEngine()), seen('app'), newWatchMemory())).toBe(true);
});

it('nobody is asked whose time has not come', async () => {
  const memory = newWatchMemory();
  const own = seen(wanted.network);
  await askAgain(session(answering('404 Not Found')), own, memory);
  expect(await askAgain(session(fakeEngine()), own, memory)).toBe(false);
});
