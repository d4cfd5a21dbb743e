import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, tryRun } from '../../scripts/sandbox/run.ts';
import { newestNode } from '../support/newest-node.ts';
import { filesIn, installOffline, packClone, tempFolder } from '../support/package.ts';

const MOST_BYTES = 3 * 1000 * 1000;

let folder: string;
let installed: string;
let packageFolder: string;

beforeAll(async () => {
  folder = tempFolder();
  installed = await installOffline(await packClone(folder), folder);
  packageFolder = join(installed, 'node_modules', 'monitor-stack');
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('installs without any other package', () => {
    expect(readdirSync(join(installed, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'monitor-stack',
    ]);
    expect(readdirSync(join(installed, 'node_modules', '.bin'))).toEqual(['monitor']);
  });

  it('has what a user needs, and no sources or tests', () => {
    expect(readdirSync(packageFolder).sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'THIRD_PARTY_LICENSES.md',
      'bin',
      'dist',
      'package.json',
      'schema',
      'templates',
    ]);
    const files = [...filesIn(packageFolder).keys()];
    expect(files).toEqual(expect.arrayContaining(['templates/monitor.yml', 'schema/monitor.schema.json']));
    expect(files.filter((file) => /\.tsx?$|\.test\./.test(file))).toEqual([]);
  });

  it('takes 3 MB or less', () => {
    const bytes = [...filesIn(packageFolder).values()].reduce((sum, size) => sum + size, 0);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
  });

  it('names every package that is bundled, each with the text of its licence', () => {
    const page = readFileSync(join(packageFolder, 'THIRD_PARTY_LICENSES.md'), 'utf8');
    const sections = new Map(page.split('\n## ').map((section) => [section.split(' ', 1)[0] ?? '', section]));
    const bundled = bundledPackages();
    expect(bundled).toEqual(expect.arrayContaining(['commander', 'dockerode', 'yaml']));
    for (const name of bundled) expect(sections.get(name), name).toMatch(/copyright|apache license/i);
  });
});

/** By the source maps: what of node_modules went into dist/. */
const bundledPackages = (): string[] => {
  const maps = readdirSync(join(packageFolder, 'dist')).filter((file) => file.endsWith('.map'));
  const sources = maps.flatMap(
    (file): string[] => JSON.parse(readFileSync(join(packageFolder, 'dist', file), 'utf8')).sources,
  );
  const names = sources.map((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))];
};

/** Without an engine, and with a home of its own. */
const environment = (home: string): NodeJS.ProcessEnv => ({
  HOME: home,
  XDG_CACHE_HOME: join(home, 'cache'),
  DOCKER_HOST: `unix://${join(home, 'no-engine.sock')}`,
  DOCKER_CONTEXT: '',
  NO_COLOR: '1',
});

const versions = [
  { title: 'this Node', node: async () => ({ path: process.execPath }) },
  { title: 'the newest Node', node: newestNode },
] as const;

describe.each(versions)('the installed program on $title', ({ title, node }) => {
  let home: string;
  let found: Awaited<ReturnType<typeof newestNode>>;

  beforeAll(async () => {
    found = await node();
    home = join(folder, title.replaceAll(' ', '-'));
    mkdirSync(home, { recursive: true });
  }, 300_000);

  const monitor = (...args: string[]) => {
    if ('because' in found) throw new Error(found.because);
    const bin = join(installed, 'node_modules', '.bin', 'monitor');
    return tryRun(found.path, [bin, ...args], { cwd: home, env: environment(home) });
  };

  /** Skips, with the reason, where this Node cannot be had. */
  const works = (what: string, check: () => Promise<void>): void =>
    it(what, async (test) => {
      if ('because' in found) test.skip(found.because);
      await check();
    });

  works('says its version and its commands', async () => {
    const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));
    expect(await monitor('--version')).toMatchObject({ code: 0, stdout: `${version}\n` });
    expect(await monitor('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('add-target') });
  });

  works('reports a missing monitor.yml', async () => {
    for (const command of ['render', 'status']) {
      expect(await monitor(command, '--json')).toMatchObject({
        code: 2,
        stdout: expect.stringContaining('config-missing'),
      });
    }
  });

  works('writes a monitor.yml without an engine, and says what to do about that', async () => {
    expect(await monitor('init', '--name', 'packed')).toMatchObject({ code: 0 });
    expect(readFileSync(join(home, 'monitor.yml'), 'utf8')).toContain('name: packed');
    expect(await monitor('status', '--json')).toMatchObject({ code: 1, stdout: expect.stringContaining('no-engine') });
  });

  works('shows with --verbose the file and the line that an error comes from', async () => {
    const { code, output } = await monitor('render', '--verbose', '--config', 'none.yml');
    expect(code).toBe(2);
    expect(output).toMatch(/at \w+ \(.*src\/config\/load\.ts:\d+:\d+\)/);
  });

  works('starts alike with the code that it kept of its first start', async () => {
    const first = await monitor('--help');
    expect(readdirSync(join(home, 'cache', 'monitor'))).toContainEqual(expect.stringMatching(/^monitor-v/));
    expect(await monitor('--help')).toEqual(first);
  });

  works('completes in bash what the command tree has', async () => {
    const script = await monitor('completion', 'bash');
    expect(script.code).toBe(0);
    expect(await completed('bash', script.stdout, 'stat')).toEqual(['status']);
  });
});

/** What a shell offers for a line that is typed up to its end, by a script that it has loaded. */
const completed = async (shell: keyof typeof ASK, script: string, typed: string): Promise<string[]> => {
  const file = join(folder, `completion.${shell}`);
  const bins = join(installed, 'node_modules', '.bin');
  writeFileSync(file, script);
  const env = { PATH: `${bins}:${process.env['PATH']}`, ...environment(folder) };
  const offered = await run(shell, ASK[shell](file, typed), { env });
  // fish gives a description with each, after a tab.
  const values = offered.split('\n').map((line) => line.replace(/\t.*/, ''));
  return values.filter(Boolean).sort();
};

const ASK = {
  // What bash does when the key is pressed: it splits the line and calls the function that the script registered.
  bash: (file: string, typed: string) => [
    '--noprofile',
    '--norc',
    '-c',
    `source "$0"; COMP_WORDS=(monitor "\${@}"); COMP_CWORD=$#; $(complete -p monitor | sed 's/.*-F \\([^ ]*\\).*/\\1/') monitor; printf '%s\\n' "\${COMPREPLY[@]}"`,
    file,
    ...typed.split(' '),
  ],
  fish: (file: string, typed: string) => ['--no-config', '-c', `source ${file}; complete -C 'monitor ${typed}'`],
  // zsh completes only at a prompt: here the function runs with what zsh would give it, and shows what it would show.
  zsh: (file: string, typed: string) => [
    '-f',
    '-c',
    `compdef() { function=$1 }; _describe() { print -l -- "\${(@)\${(@P)2}%%:*}" }
     source $0; words=(monitor "$@"); CURRENT=$#words; $function`,
    file,
    ...typed.split(' '),
  ],
};

it.for(['bash', 'fish', 'zsh'] as const)('%s completes commands, options and what they take', async (shell, test) => {
  if ((await tryRun(shell, ['-c', 'true'])).code !== 0) test.skip(`${shell} is not installed here`);
  const script = await run(process.execPath, [join(packageFolder, 'bin', 'monitor.js'), 'completion', shell]);
  const offered = (typed: string) => completed(shell, script, typed);
  expect(await offered('stat')).toEqual(['status']);
  expect(await offered('logs ')).toEqual(['grafana', 'prometheus']);
  expect(await offered('logs g')).toEqual(['grafana']);
  expect(await offered('up --p')).toEqual(['--pull']);
  expect(await offered('up --pull ')).toEqual(['always', 'missing', 'never']);
  expect(await offered('add-target events:9100 --scheme ')).toEqual(['http', 'https']);
  expect(await offered('remove-exporter post')).toEqual(['postgres']);
  expect(await offered('completion ')).toEqual(['bash', 'fish', 'zsh']);
});
