import { execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BIN, type MonitorOptions, monitor } from '../support/monitor.ts';
import { type Refusal, refusal } from '../support/refusal.ts';

/** Bad input that no engine has to be asked about: none answers here. */

const NO_ENGINE = { DOCKER_HOST: 'unix:///nowhere/docker.sock', DOCKER_CONTEXT: undefined };
const GOOD = `\
# Ours.
version: 1
name: bad-input            # and this comment
targets:
  - events:9100
`;

const folders: string[] = [];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bad-input-'));
  folders.push(folder);
  write(GOOD);
});

afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

const file = (): string => join(folder, 'monitor.yml');
const write = (text: string | Buffer): void => writeFileSync(file(), text);
const run = (args: readonly string[], env: MonitorOptions['env'] = {}) =>
  monitor(args, { cwd: folder, env: { ...NO_ENGINE, ...env } });
const refused = (args: readonly string[], env: MonitorOptions['env'] = {}): Promise<Refusal> => refusal(run, args, env);

/** Every file below the folder with its text: what a refused command may not change. */
const everything = (path = folder): Record<string, string> =>
  Object.fromEntries(
    readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(path, name)).isFile())
      .map((name) => [name, readFileSync(join(path, name), 'latin1')]),
  );

/** Expects that the command is refused, and that nothing in the folder is any different. */
const leavesAll = async (args: readonly string[], env: MonitorOptions['env'] = {}): Promise<Refusal> => {
  const before = everything();
  const error = await refused(args, env);
  expect(everything()).toEqual(before);
  return error;
};

describe('a wrong command line', () => {
  it.each<[string, string[], RegExp]>([
    ['a misspelt command', ['statsu'], /Unknown command 'statsu'\n→ Did you mean status\?/],
    ['a misspelt option', ['up', '--dryrun'], /Unknown option '--dryrun'\n→ Did you mean --dry-run\?/],
    [
      'a value that is none of the choices',
      ['up', '--pull', 'now'],
      /is invalid\n {2}Allowed choices are missing, always, never/,
    ],
    [
      'a duration without a unit',
      ['up', '--timeout', '5'],
      /'5' is invalid\n {2}It must be a duration such as 90s or 2m\n→ see `monitor up --help`/,
    ],
    [
      'an argument that is none of the choices',
      ['logs', 'influx'],
      /Unknown service 'influx'\n {2}Allowed choices are/,
    ],
    ['an argument too many', ['down', 'now'], /Too many arguments for 'down'\n {2}Expected 0 arguments but got 1/],
    ['an argument missing', ['add-target'], /Missing required argument 'host:port'\n→ see `monitor add-target --help`/],
  ])('%s is told, and what would be right', async (_, args, words) => {
    const error = await leavesAll(args);
    expect(error).toMatchObject({ code: 'usage', exitCode: 2, text: expect.stringMatching(words) });
  });

  it('without a command shows the help on stderr', async () => {
    expect(await leavesAll([])).toMatchObject({ code: 'usage', exitCode: 2, text: expect.stringContaining('Usage:') });
  });
});

describe('a monitor.yml that cannot be meant', () => {
  it.each<[string, string | Buffer, string[]]>([
    ['empty', '', ['monitor.yml: the file is empty; the shortest one is `version: 1`']],
    ['no mapping', 'hello', ['monitor.yml:1:1  must be a mapping (`key: value`), not the text "hello"']],
    [
      'not YAML',
      'version: 1\nname: [x\nbind: 3',
      ['monitor.yml:3:1  a list that starts with `[` is not closed before this line, or this line is not indented'],
    ],
    [
      'indented with tabs',
      'version: 1\ngrafana:\n\tport: 1\n',
      ['monitor.yml:3:1  tab used for indentation: YAML allows spaces only'],
    ],
    [
      'of duplicate keys',
      'version: 1\nname: a\nname: b\n',
      ['monitor.yml:3:1  name: duplicate key, first used on line 2'],
    ],
    [
      'of wrong types',
      'version: 1\nprometheus: {port: x, imgae: y}\ngrafana: 7\ntargets: {a: 1}\nbind: 3\n',
      [
        'monitor.yml:2:20  prometheus.port: must be a port from 1 to 65535, not the text "x"',
        'monitor.yml:2:23  prometheus.imgae: unknown key (did you mean `image`?)',
        'monitor.yml:3:10  grafana: must be a mapping (`key: value`), not the number 7',
        'monitor.yml:4:10  targets: must be a list, not a mapping',
        'monitor.yml:5:7  bind: must be an IP address, not the number 3',
      ],
    ],
    [
      'with labels that Prometheus reserves',
      'version: 1\ntargets: [{address: "a:1", labels: {__x: 1, job: y}}]\n',
      [
        'monitor.yml:2:37  targets[0].labels.__x: is reserved: Prometheus keeps labels that start with `__` for itself',
        'monitor.yml:2:45  targets[0].labels.job: is set by Prometheus: use `job_name`',
      ],
    ],
    [
      'with two jobs of one name',
      'version: 1\nscrape_configs: [{job_name: k}, {job_name: k}]\ntargets: [{address: "a:1", job_name: prometheus}]\n',
      [
        'monitor.yml:2:44  scrape_configs[1].job_name: the job "k" is already in use (line 2): choose another `job_name`',
        'monitor.yml:3:38  targets[0].job_name: the job name "prometheus" is reserved for the stack: choose another `job_name`',
      ],
    ],
    ['nested without end', '['.repeat(200_000), ['nested too deeply']],
    [
      'of a name that is too long',
      `version: 1\nname: ${'n'.repeat(64)}\n`,
      ['monitor.yml:2:7  name: must be up to 63 lower-case letters'],
    ],
  ])('because it is %s is told with every line that is wrong', async (_, text, lines) => {
    write(text);
    const error = await leavesAll(['up']);
    expect(error).toMatchObject({ code: 'invalid-config', exitCode: 2 });
    expect(error.detail).toEqual(lines.map((line) => expect.stringContaining(line)));
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['1 MB of text', 'x: [\n'.repeat(200_000), /monitor\.yml: too large: 1000000 characters, the limit is 262144/],
    ['1 MB of bytes', Buffer.from(Array.from({ length: 2 ** 20 }, (_, i) => (i * 7919) % 256)), /is not UTF-8 text/],
    ['UTF-16', Buffer.from('\ufeffversion: 1', 'utf16le'), /is not UTF-8 text\n {2}it is UTF-16/],
  ])('because it is %s is told at once', async (_, content, words) => {
    write(content);
    expect(await leavesAll(['status'])).toMatchObject({ exitCode: 2, text: expect.stringMatching(words) });
  });

  it('is not touched by add-target either', async () => {
    write('version: 1\nname: a\nname: b\n');
    expect(await leavesAll(['add-target', 'events:9100'])).toMatchObject({ code: 'invalid-config' });
  });
});

describe('a monitor.yml that is not there', () => {
  beforeEach(() => rmSync(file()));

  it('is reported with every folder that was searched, and how to create one', async () => {
    const error = await leavesAll(['up']);
    expect(error).toMatchObject({ code: 'config-missing', exitCode: 2 });
    expect(error.message).toContain(folder);
    expect(error.detail[0]).toBe(`${file()}: does not exist`);
    expect(error.suggestion).toContain('monitor init');
  });

  it('is reported with the name that was given, or that this is a folder', async () => {
    expect(await leavesAll(['--config', 'no/such.yml', 'up'])).toMatchObject({
      message: `${join(folder, 'no/such.yml')} cannot be read`,
      exitCode: 2,
    });
    mkdirSync(file());
    expect(await leavesAll(['--config', 'monitor.yml', 'up'])).toMatchObject({
      message: `${file()} cannot be read`,
      detail: ['is a folder'],
      exitCode: 2,
    });
  });

  it('is reported if the folder itself was removed', async () => {
    const gone = join(folder, 'gone');
    mkdirSync(gone);
    // The folder is removed when the shell is in it already.
    const script = 'rmdir ../gone; exec "$@"';
    const inside = (args: readonly string[]) =>
      new Promise<Awaited<ReturnType<typeof run>>>((resolve) => {
        mkdirSync(gone, { recursive: true });
        const child = spawn('sh', ['-c', script, 'sh', process.execPath, BIN, ...args], { cwd: gone });
        const written = { stdout: '', stderr: '' };
        child.stdout.on('data', (chunk) => {
          written.stdout += chunk;
        });
        child.stderr.on('data', (chunk) => {
          written.stderr += chunk;
        });
        child.once('close', (code) =>
          resolve({
            code,
            ...written,
            json: () => JSON.parse(written.stdout),
            report: () => JSON.parse(written.stdout),
          }),
        );
      });
    expect(await refusal(inside, ['status'])).toMatchObject({ code: 'folder-gone', exitCode: 2 });
  });
});

describe('an invalid address', () => {
  it.each([
    ['http://events:9100/metrics', 'leave out `http://`', 'write: monitor add-target events:9100'],
    [
      'https://events/m',
      'leave out `https://`',
      'write: monitor add-target events:443 --scheme https --metrics-path /m',
    ],
    ['events:9100/prom', 'a path does not belong in it', 'write: monitor add-target events:9100 --metrics-path /prom'],
    ['events', 'it has no port', 'write HOST:PORT, such as events:9100'],
    ['events:0', 'the port must be from 1 to 65535, not "0"', 'write HOST:PORT, such as events:9100'],
    ['events:70000', 'the port must be from 1 to 65535, not "70000"', 'write HOST:PORT, such as events:9100'],
    ['events : 9100', 'it contains a space', 'write: monitor add-target events:9100'],
    ['::1:9100', 'an IPv6 address goes in brackets', 'write: monitor add-target [::1]:9100'],
    ['me:secret@events:1', 'it contains a user name', 'write HOST:PORT, such as events:9100'],
    [`${'x'.repeat(400)}:1`, 'it is too long', 'write HOST:PORT, such as events:9100'],
  ])('%s is refused with what is wrong and the command that is right', async (address, problem, suggestion) => {
    const error = await leavesAll(['add-target', address]);
    expect(error).toMatchObject({ code: 'invalid-address', exitCode: 2, suggestion });
    expect(error.message).toContain(problem);
    expect(error.text).not.toContain('secret');
  });

  it('may be an IPv6 address in brackets', async () => {
    expect((await run(['add-target', '[fd00::7]:9100'])).code).toBe(0);
    expect(readFileSync(file(), 'utf8')).toBe(`${GOOD}  - "[fd00::7]:9100"\n`);
  });
});

describe('a target that cannot be', () => {
  it.each<[string[], string]>([
    [['--label', 'team'], '"team" is not a label'],
    [['--label', 'job=x'], 'The label "job" is set by Prometheus\n→ name the job: --job-name x'],
    [['--label', '__proto__=x'], 'The label "__proto__" is reserved'],
    [['--label', 'a=1', '--label', 'a=2'], 'The label "a" is given twice'],
    [['--job-name', 'grafana'], '"grafana" is reserved for the stack'],
    [['--job-name', 'events', '--metrics-path', '/x'], 'the job "events" has another `metrics_path`'],
    [['--metrics-path', 'metrics'], 'must start with `/`'],
    [['--scrape-interval', '5'], 'must be a duration with its unit'],
  ])('with %j is refused', async (options, words) => {
    const error = await leavesAll(['add-target', 'new:9100', ...options]);
    expect(error.exitCode).toBe(2);
    expect(error.text).toContain(words);
  });

  it('is not claimed to be added to a stack that was not looked at', async () => {
    const added = await run(['add-target', 'new:9100', '--json']);
    expect(added.report('add-target')).toMatchObject({ change: 'added', applied: false });
    const again = await run(['add-target', 'new:9100']);
    expect(again.stdout).toContain('! no Docker engine can be reached, so the stack was not updated');
    expect(again.stdout).not.toMatch(/was changed|not running/);
  });
});

describe('no engine', () => {
  const commands = [['up'], ['up', '--dry-run'], ['status'], ['down'], ['watch'], ['password', '--reset']];
  it.each(commands.map((command) => [command]))('%j says which one does not answer, and why', async (command) => {
    const error = await leavesAll(command);
    expect(error).toEqual({
      code: 'no-engine',
      message: 'Cannot connect to the Docker engine of DOCKER_HOST',
      detail: ['unix:///nowhere/docker.sock (DOCKER_HOST): no such file'],
      suggestion: 'start that engine, or unset DOCKER_HOST',
      exitCode: 1,
      text: expect.any(String),
    });
  });

  it('of a context is reported by the context’s name, and an unknown context with the known ones', async () => {
    const config = join(folder, 'docker');
    mkdirSync(config);
    const env = { DOCKER_CONFIG: config, DOCKER_HOST: undefined };
    const error = await leavesAll(['--context', 'far', 'status'], env);
    expect(error).toMatchObject({ code: 'no-such-context', exitCode: 2 });
    expect(error.text).toContain('Docker context "far" (from');
    expect(error.text).toContain('default');
  });

  it('stops neither init, which says what it could not look at, nor password, nor open', async () => {
    rmSync(file());
    const init = await run(['init']);
    expect(init).toMatchObject({ code: 0 });
    expect(init.stdout).toContain('only the ports of this machine were checked');
    expect((await run(['password'])).stdout).toContain('user      admin');
    expect((await run(['open'])).stdout).toMatch(/^http:\/\/localhost:\d+\n$/);
  });
});

describe('a file that cannot be written', () => {
  const root = process.getuid?.() === 0;
  /** A disk of its own, 16 KiB large. */
  const disk = (): string => {
    const path = join(folder, 'disk');
    mkdirSync(path);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', path]);
    mounted.push(path);
    writeFileSync(join(path, 'monitor.yml'), GOOD);
    return path;
  };
  const mounted: string[] = [];
  const on = (path: string, args: readonly string[]) =>
    refusal((all) => monitor(all, { cwd: path, env: NO_ENGINE }), args);

  afterEach(() => {
    for (const path of mounted.splice(0)) execFileSync('umount', [path]);
  });

  it.skipIf(!root)('because the disk is full leaves the old one, and nothing beside it', async () => {
    const path = disk();
    expect(() => writeFileSync(join(path, 'fill'), Buffer.alloc(1 << 20))).toThrow('ENOSPC');
    for (const [args, unwritten] of [
      [['add-target', 'new:9100'], 'monitor.yml'],
      [['remove-target', 'events:9100'], 'monitor.yml'],
      [['init', '--force'], '.monitor/.gitignore'],
    ] as const) {
      const error = await on(path, args);
      expect(error).toMatchObject({ code: 'write-failed', exitCode: 1 });
      expect(error.message).toBe(`${join(path, unwritten)} could not be written: the disk is full`);
      expect(error.detail).toContain('no file was changed');
      expect(readdirSync(path).sort()).toEqual(['fill', 'monitor.yml']);
      expect(readFileSync(join(path, 'monitor.yml'), 'utf8')).toBe(GOOD);
    }
  });

  it('because it is read-only is left as it is', async () => {
    const path = root ? disk() : folder;
    if (root) execFileSync('mount', ['-o', 'remount,ro', path]);
    else chmodSync(file(), 0o444);
    const error = await on(path, ['add-target', 'new:9100']);
    expect(error).toMatchObject({ code: 'write-failed', exitCode: 1 });
    expect(error.message).toMatch(/could not be written: (the file system is read-only|permission denied)/);
    expect(readFileSync(join(path, 'monitor.yml'), 'utf8')).toBe(GOOD);
  });

  it.skipIf(!root)('because .monitor is on a read-only file system is told so', async () => {
    const path = disk();
    execFileSync('mount', ['-o', 'remount,ro', path]);
    expect(await on(path, ['password'])).toMatchObject({
      code: 'state-folder',
      message: `The folder ${join(path, '.monitor')} cannot be created: the file system is read-only`,
      suggestion: 'work in a folder that can be written to',
    });
  });

  it('because .monitor is a file is reported with a remedy', async () => {
    writeFileSync(join(folder, '.monitor'), 'mine');
    const error = await leavesAll(['password']);
    expect(error).toMatchObject({ code: 'state-folder', exitCode: 1 });
    expect(error.text).toContain(join(folder, '.monitor'));
    expect(error.suggestion).toContain('move it away');
  });

  it('because the password’s file is a folder is reported with a remedy', async () => {
    mkdirSync(join(folder, '.monitor/grafana-admin-password'), { recursive: true });
    const error = await refused(['password']);
    expect(error).toMatchObject({ code: 'state-folder', message: expect.stringContaining('grafana-admin-password') });
    rmdirSync(join(folder, '.monitor/grafana-admin-password'));
    expect((await run(['password'])).stderr).toContain('monitor password --reset');
  });

  it('because it exists is not written over by init without --force', async () => {
    const error = await leavesAll(['init']);
    expect(error).toMatchObject({ code: 'config-exists', exitCode: 2, suggestion: expect.stringContaining('--force') });
  });
});

describe('closed and full output streams', () => {
  const through = (script: string): Promise<{ code: number | null; stderr: string }> =>
    new Promise((resolve) => {
      const child = spawn('bash', ['-o', 'pipefail', '-c', script, 'bash', process.execPath, BIN], {
        cwd: folder,
        env: { ...process.env, ...NO_ENGINE },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let stderr = '';
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
      });
      child.once('close', (code) => resolve({ code, stderr }));
    });

  it('a closed pipe is not an error', async () => {
    expect(await through('"$@" --help | head -1')).toEqual({ code: 0, stderr: '' });
    expect(await through('"$@" password --json | true')).toEqual({ code: 0, stderr: '' });
    expect(await through('"$@" --version | true')).toEqual({ code: 0, stderr: '' });
  });

  it.skipIf(process.platform !== 'linux')('a result that could not be written is one', async () => {
    await run(['password']);
    const { code, stderr } = await through('"$@" password > /dev/full');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('✘ The result could not be written to stdout'),
    });
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.skipIf(process.platform !== 'linux')(
    'an error that could not be written to stdout is written to stderr',
    async () => {
      rmSync(file());
      const { code, stderr } = await through('"$@" render --json > /dev/full');
      expect(code).toBe(2);
      expect(stderr).toMatch(/^✘ monitor\.yml not found[^✘]*$/);
      expect(await through('"$@" render > /dev/full')).toEqual({ code, stderr });
    },
  );

  it.skipIf(process.platform !== 'linux')('help and version that could not be written are told as such', async () => {
    for (const [args, what] of [
      ['--help', 'result'],
      ['--version', 'version'],
      ['--version --json', 'result'],
    ]) {
      const { code, stderr } = await through(`"$@" ${args} > /dev/full`);
      expect(code).toBe(1);
      expect(stderr).toMatch(
        new RegExp(`^✘ The ${what} could not be written to stdout\n  .*ENOSPC.*\n→ write it somewhere else\n$`),
      );
    }
  });

  it.skipIf(process.platform !== 'linux')('progress that cannot be written stops nothing', async () => {
    expect((await through('"$@" password 2> /dev/full')).code).toBe(0);
    expect((await through('"$@" up 2> /dev/full')).code).toBe(1);
  });

  it('a closed stdin cannot be asked', async () => {
    expect((await through('"$@" password <&-')).code).toBe(0);
  });
});

describe('--verbose', () => {
  it('shows where in our sources an error comes from', async () => {
    rmSync(file());
    const { stderr, code } = await run(['--verbose', 'up']);
    expect(code).toBe(2);
    expect(stderr).toContain('✘ monitor.yml not found');
    expect(stderr).toMatch(/src\/config\/load\.ts:\d+:\d+/);
  });

  it('goes with --json, whose document stays whole', async () => {
    rmSync(file());
    const ran = await run(['--verbose', '--json', 'up']);
    expect(ran.json()).toMatchObject({ error: { code: 'config-missing' } });
    expect(ran.stderr).toMatch(/src\/config\/load\.ts:\d+/);
  });
});
