import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runLogs } from '../../../src/commands/logs.ts';
import { jsonReporter } from '../../../src/output/json.ts';
import { plainReporter, quietReporter } from '../../../src/output/plain.ts';
import type { Output, Reporter } from '../../../src/output/reporter.ts';
import { container } from '../../support/containers.ts';
import { depsIn } from '../../support/deps.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { recordedOutput } from '../../support/output.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitor-logs-'));
  await writeFile(join(folder, 'monitor.yml'), 'version: 1\n');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const of = (role: string) =>
  container(`c-${role}`, { labels: { 'monitor.stack': 'monitoring', 'monitor.role': role } });

const LINES: Record<string, string[]> = {
  'id-of-c-prometheus': ['one', 'two'],
  'id-of-c-grafana': ['three'],
};

const engine = fakeEngine({
  listContainers: async () => [of('prometheus'), of('grafana')],
  logs: async (id, tail) => (tail === 0 ? [] : (LINES[id] ?? [])),
  followLogs: async (id, _tail, onLine) => {
    for (const line of LINES[id] ?? []) onLine(line, 'stderr');
  },
});

/** What the command prints on stdout. */
const printed = async (
  make: (output: Output) => Reporter,
  {
    service,
    follow = false,
    tail = 'all',
  }: { service?: 'prometheus' | 'grafana'; follow?: boolean; tail?: number | 'all' } = {},
): Promise<string> => {
  const output = recordedOutput();
  const reporter = make(output);
  const deps = depsIn(folder, { connect: async () => engine, reporter });
  reporter.result(await runLogs(deps, service, { follow, tail }));
  return output.written.stdout;
};

it('are printed line by line, each with its container where there are several', async () => {
  expect(await printed(plainReporter)).toBe('c-prometheus | one\nc-prometheus | two\nc-grafana | three\n');
  expect(await printed(plainReporter, { service: 'prometheus' })).toBe('one\ntwo\n');
  expect(await printed(plainReporter, { follow: true, service: 'grafana' })).toBe('three\n');
  expect(await printed(quietReporter, { service: 'prometheus' })).toBe('one\ntwo\n');
});

it('are one document with --json', async () => {
  expect(JSON.parse(await printed(jsonReporter))).toEqual({
    kind: 'logs',
    stack: 'monitoring',
    containers: ['c-prometheus', 'c-grafana'],
    lines: [
      { service: 'prometheus', container: 'c-prometheus', line: 'one' },
      { service: 'prometheus', container: 'c-prometheus', line: 'two' },
      { service: 'grafana', container: 'c-grafana', line: 'three' },
    ],
  });
});

it('are a document even if there are none', async () => {
  expect(JSON.parse(await printed(jsonReporter, { tail: 0 }))).toMatchObject({ kind: 'logs', lines: [] });
  expect(await printed(plainReporter, { tail: 0 })).toBe('');
});

it('are a document each with --json --follow', async () => {
  const lines = (await printed(jsonReporter, { follow: true })).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { service: 'prometheus', container: 'c-prometheus', stream: 'stderr', line: 'one' },
    { service: 'prometheus', container: 'c-prometheus', stream: 'stderr', line: 'two' },
    { service: 'grafana', container: 'c-grafana', stream: 'stderr', line: 'three' },
  ]);
});
