import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The rules of ARCHITECTURE.md that the imports of a file show, and those that its words do. */

const root = new URL('../../src/', import.meta.url).pathname;

interface Source {
  /** From src/: `stack/reconcile.ts`. */
  path: string;
  /** Without comments and types' imports. */
  code: string;
  /** Modules that are loaded when it is: packages as they are named, files as `path`. Types cost nothing and do nothing. */
  imports: string[];
}

const sources: Source[] = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => {
    const code = readFileSync(join(root, path), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
    return { path, code, imports: importsOf(path, code) };
  });

function importsOf(path: string, code: string): string[] {
  const statements = code.matchAll(/\b(?:import|export)\s+(?!type\b)([^'";]*?)\bfrom\s+'([^']+)'/g);
  const loaded = [...statements].filter(([, names = '']) => !onlyTypes(names)).map(([, , from = '']) => from);
  const dynamic = [...code.matchAll(/\bimport\(\s*'([^']+)'/g)].map(([, from = '']) => from);
  return [...loaded, ...dynamic].map((from) => (from.startsWith('.') ? normalize(join(path, '..', from)) : from));
}

function onlyTypes(names: string): boolean {
  const inBraces = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1];
  return inBraces?.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type ')) ?? false;
}

const of = (path: string): Source => {
  const found = sources.find((source) => source.path === path);
  if (found === undefined) throw new Error(`src/${path} is gone: correct this test`);
  return found;
};

/** All that is loaded with a file. */
function reachable(path: string, seen = new Set<string>()): Set<string> {
  for (const next of of(path).imports) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next.endsWith('.ts')) reachable(next, seen);
  }
  return seen;
}

const withWords = (words: RegExp): string[] => sources.filter(({ code }) => words.test(code)).map(({ path }) => path);
const importing = (module: string): string[] =>
  sources.filter(({ imports }) => imports.includes(module)).map(({ path }) => path);

it('this test sees imports', () => {
  expect(sources.length).toBeGreaterThan(80);
  expect(of('stack/reconcile-container.ts').imports).toContain('prometheus/render.ts');
  expect(of('stack/reconcile.ts').imports).not.toContain('docker/engine.ts');
  expect(of('cli/run-program.ts').imports).toContain('docker/connect.ts');
});

describe('one place for each thing', () => {
  it('dockerode is loaded by its client alone', () => {
    expect(importing('dockerode')).toEqual(['docker/dockerode-engine.ts']);
  });

  it('chalk and ora are loaded by the output alone', () => {
    expect(importing('chalk')).toEqual(['output/style.ts']);
    expect(importing('ora')).toEqual(['output/terminal.ts']);
  });

  it('the environment, the terminal and the exit code are the composition root’s', () => {
    // docker-modem reads DOCKER_HOST by itself, which has to be kept from it.
    expect(withWords(/process\.env\b|env:\s*process\.env/).sort()).toEqual([
      'cli/run-program.ts',
      'docker/dockerode-engine.ts',
      'main.ts',
    ]);
    expect(withWords(/process\.(exitCode|exit)\b/).sort()).toEqual(['cli/run-program.ts', 'main.ts']);
    expect(withWords(/\.isTTY\b/)).toEqual(['cli/run-program.ts']);
    expect(withWords(/process\.(argv|on|off|once)\b/)).toEqual(['cli/run-program.ts']);
  });

  it('nothing but the composition root and the spinner knows the process’s streams', () => {
    expect(withWords(/process\.(stdout|stderr|stdin)\b/).sort()).toEqual([
      'cli/run-program.ts',
      'main.ts',
      'output/terminal.ts',
    ]);
    expect(withWords(/\bconsole\.(log|error|warn|info)\b/)).toEqual([]);
  });
});

describe('what decides does nothing', () => {
  const IO = /^node:(fs|net|http|https|tls|dns|child_process|os|timers)/;
  it.each([
    'stack/reconcile.ts',
    'stack/desired.ts',
    'stack/labels.ts',
    'stack/operations.ts',
    'exporters/components.ts',
    'stack/resolve-targets.ts',
    'prometheus/render.ts',
    'detect/recognize.ts',
    'detect/place.ts',
    'detect/reach.ts',
    'detect/classify.ts',
    'explain/diagnose.ts',
    'detect/timestamps.ts',
    'exporters/suggestions.ts',
    'config/resolve.ts',
    'config/edit.ts',
    'exporters/edit.ts',
    'config/schema.ts',
    'grafana/reconcile.ts',
    'grafana/reconcile-dashboards.ts',
    'grafana/marks.ts',
    'metrics/question.ts',
    'metrics/families.ts',
    'metrics/vital-signs.ts',
    'dashboards/job.ts',
    'dashboards/processes.ts',
    'dashboards/services.ts',
    'dashboards/import.ts',
    'dashboards/pull.ts',
    'grafana/model.ts',
    'stack/target-states.ts',
    'stack/plan-down.ts',
    'output/text.ts',
  ])('%s reaches no file, network, process or clock', (path) => {
    const loaded = [...reachable(path)];
    // node:net is there to tell an IP address from a name, and opens nothing.
    const doing = loaded.filter((module) => IO.test(module) && module !== 'node:net');
    expect(doing).toEqual([]);
    const files = [path, ...loaded.filter((module) => module.endsWith('.ts'))].map(of);
    const impure = files.filter(({ code }) =>
      /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|process\.(?!platform))/.test(code),
    );
    expect(impure.map((file) => file.path)).toEqual([]);
    const net = files.filter(
      ({ imports, code }) =>
        imports.includes('node:net') && /createServer|createConnection|Socket|connect\b/.test(code),
    );
    expect(net.map((file) => file.path)).toEqual([]);
  });
});

describe('layers', () => {
  const layer = (folder: string) => sources.filter(({ path }) => path.startsWith(`${folder}/`));

  it('commands do not print, and nothing below them knows them', () => {
    const below = sources.filter(({ path }) => path.includes('/') && !/^(commands|cli)\//.test(path));
    expect(
      below.filter(({ imports }) => imports.some((i) => i.startsWith('commands/'))).map(({ path }) => path),
    ).toEqual([]);
    const printing = layer('commands').filter(({ imports }) => imports.some((i) => i.startsWith('output/')));
    expect(printing.map(({ path }) => path)).toEqual([]);
  });

  it('the output knows only reports, errors and how words are written', () => {
    const known = layer('output').flatMap(({ imports }) =>
      imports.filter((i) => i.endsWith('.ts') && !i.startsWith('output/')),
    );
    expect(known.filter((i) => i !== 'errors.ts' && i !== 'words.ts')).toEqual([]);
  });

  it('monitor.yml is read without any other room', () => {
    const known = layer('config').flatMap(({ imports }) =>
      imports.filter((i) => i.endsWith('.ts') && !i.startsWith('config/')),
    );
    // Errors, the guards of JSON and how words are written are in no room.
    expect(known.filter((i) => !['errors.ts', 'json.ts', 'words.ts'].includes(i))).toEqual([]);
  });

  it('the engine’s client knows nothing of stacks, Prometheus and Grafana', () => {
    const known = layer('docker').flatMap(({ imports }) =>
      imports.filter((i) => i.endsWith('.ts') && !i.startsWith('docker/')),
    );
    expect(known.filter((i) => !['errors.ts', 'http.ts', 'json.ts'].includes(i))).toEqual([]);
  });

  it('a room imports no room above it', () => {
    const floors = [
      'docker',
      'metrics',
      'config',
      'prometheus',
      'detect',
      'grafana',
      'dashboards',
      'stack',
      'commands',
    ];
    const floorOf = (path: string): number => floors.indexOf(path.split('/')[0] ?? '');
    const upwards = sources.flatMap(({ path, imports }) =>
      imports.filter((i) => floorOf(path) >= 0 && floorOf(i) > floorOf(path)).map((i) => `${path} -> ${i}`),
    );
    expect(upwards).toEqual([]);
  });

  it('no file leads back to itself, by its types neither', () => {
    const next = new Map(
      sources.map(({ path, code }) => {
        const named = [...code.matchAll(/\bfrom\s+'(\.[^']+)'/g)].map(([, from = '']) => from);
        return [path, named.map((from) => normalize(join(path, '..', from)))];
      }),
    );
    const leadsTo = (path: string, seen = new Set<string>()): Set<string> => {
      for (const file of next.get(path) ?? []) if (!seen.has(file)) leadsTo(file, seen.add(file));
      return seen;
    };
    expect([...next.keys()].filter((path) => leadsTo(path).has(path))).toEqual([]);
  });

  it('a command is loaded when it is called, and the engine only where one is needed', () => {
    const start = [...reachableStatically('cli/run-program.ts')];
    expect(start.filter((i) => /^(commands\/|docker\/dockerode|stack\/execute)/.test(i))).toEqual([]);
  });
});

/** What is loaded at once, without the imports that are made when something is called. */
function reachableStatically(path: string, seen = new Set<string>()): Set<string> {
  const { code } = of(path);
  const dynamic = new Set(
    [...code.matchAll(/\bimport\(\s*'([^']+)'/g)].map(([, from = '']) => normalize(join(path, '..', from))),
  );
  for (const next of of(path).imports) {
    if (seen.has(next) || dynamic.has(next)) continue;
    seen.add(next);
    if (next.endsWith('.ts')) reachableStatically(next, seen);
  }
  return seen;
}
