import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Report, ReportOf } from '../../src/output/report.ts';

export const BIN = fileURLToPath(new URL('../../bin/monitor.js', import.meta.url));

/** What a run of the built program left behind. */
export interface Ran {
  /** `null` where a signal ended it. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** stdout as JSON; throws where it is not. */
  json(): unknown;
  /** stdout as the report of this kind (`--json`); throws where it is another one, an error for example. */
  report<K extends Report['kind']>(kind: K): ReportOf<K>;
}

export interface MonitorOptions {
  cwd: string;
  /** Added to this process's environment; `undefined` takes a variable away. */
  env?: Record<string, string | undefined>;
}

export interface Running {
  ran: Promise<Ran>;
  kill(signal: NodeJS.Signals): void;
  /** The first line, of either stream, that matches; fails where the program ends without one. */
  line(pattern: RegExp | ((line: string) => boolean)): Promise<string>;
}

/** Runs the built program to its end. */
export const monitor = (args: readonly string[], options: MonitorOptions): Promise<Ran> =>
  startMonitor(args, options).ran;

/** Starts the built program in its own process, without a terminal. */
export const startMonitor = (args: readonly string[], { cwd, env }: MonitorOptions): Running => {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { ...plainEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ran = gather(child, args);
  return {
    ran,
    kill: (signal) => void child.kill(signal),
    line: (pattern) => awaitLine(child, ran, pattern),
  };
};

/** Without what this test run, or the person who started it, has in the environment. */
const plainEnvironment = (): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(MONITOR_|VITEST|NODE_|FORCE_COLOR|NO_COLOR|CI$|DISPLAY|WAYLAND_DISPLAY|TEST$)/.test(name),
    ),
  );

const gather = (child: ChildProcess, args: readonly string[]): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const written = { stdout: '', stderr: '' };
    // A test may wait for any number of lines.
    for (const stream of [child.stdout, child.stderr]) stream?.setMaxListeners(0);
    child.stdout?.on('data', (chunk) => {
      written.stdout += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      written.stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...written, ...readers(args, written) }));
  });

const readers = (
  args: readonly string[],
  written: { stdout: string; stderr: string },
): Pick<Ran, 'json' | 'report'> => {
  const said = () => `\`monitor ${args.join(' ')}\` wrote\n${written.stdout}\n${written.stderr}`;
  const json = (): unknown => {
    try {
      return JSON.parse(written.stdout);
    } catch (cause) {
      throw new Error(`not JSON: ${said()}`, { cause });
    }
  };
  return {
    json,
    report: (kind) => {
      const parsed = json();
      if (isReport(parsed, kind)) return parsed;
      throw new Error(`no report "${kind}": ${said()}`);
    },
  };
};

const isReport = <K extends Report['kind']>(value: unknown, kind: K): value is ReportOf<K> =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;

const awaitLine = (
  child: ChildProcess,
  ran: Promise<Ran>,
  pattern: RegExp | ((line: string) => boolean),
): Promise<string> =>
  new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream?.on('data', (chunk) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        const found = lines.find((line) => (pattern instanceof RegExp ? pattern.test(line) : pattern(line)));
        if (found !== undefined) resolve(found);
      });
    }
    ran.then(({ stdout, stderr }) => reject(new Error(`no line matched ${pattern}:\n${stdout}\n${stderr}`)), reject);
  });
