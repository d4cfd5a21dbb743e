import { setMaxListeners } from 'node:events';
import { homedir } from 'node:os';
import { addAbortSignal } from 'node:stream';
import { text } from 'node:stream/consumers';
import { isatty } from 'node:tty';
import { CommanderError } from 'commander';
import { EngineError } from '../docker/engine.ts';
import { type ExitCode, errorText, MonitorError, mistake } from '../errors.ts';
import { jsonReporter } from '../output/json.ts';
import { neutralising, neutralLines } from '../output/neutral.ts';
import { plainReporter, quietReporter } from '../output/plain.ts';
import type { Output, Reporter } from '../output/reporter.ts';
import { type Style, styleFor, wantsColor, wantsUnicode } from '../output/style.ts';
import type { Deps } from '../stack/session.ts';
import type { Invoke } from './command.ts';
import { buildProgram, type GlobalOptions } from './program.ts';
import { type Usage, usageError } from './usage.ts';

export interface ProgramInput {
  argv: readonly string[];
  packageRoot: string;
  version: string;
}

/**
 * The composition root: the only place that reads the environment and the terminal. Runs one command line to its end
 * and gives the exit code.
 */
export const runProgram = async ({ argv, packageRoot, version }: ProgramInput): Promise<ExitCode> => {
  const json = argv.includes('--json');
  let exitCode: ExitCode = 0;
  let ran = false;
  let isEndless = false;
  let reporter: Reporter = json ? jsonReporter(output(argv)) : forPeople(plainReporter, argv);
  const interrupt = listenForInterrupts(() => {
    if (!isEndless) reporter.note(STOPPING);
  });
  const out = watchStreams(interrupt.stopWork);
  const invokeWith =
    (globals: GlobalOptions): Invoke =>
    (run, { exitCode: codeOf, endless = false } = {}) =>
    async (...parsed) => {
      ran = true;
      isEndless = endless;
      reporter = await chooseReporter(globals, argv);
      const report = await run(depsFor(globals, { packageRoot, version }, reporter, interrupt), ...parsed);
      reporter.result(report);
      exitCode = codeOf?.(report, ...parsed) ?? 0;
    };
  const program = buildProgram(version, invokeWith);
  let known: MonitorError | undefined;
  try {
    // For the scripts of the shells; it is not in the help.
    const completes = argv[0] === 'complete' && argv[1] === '--';
    if (completes) await (await import('./complete.ts')).offerCompletions(program, argv.slice(2));
    else await program.root.parseAsync([...argv], { from: 'user' });
    if (interrupt.signal.aborted && !out.failed()) exitCode = 130;
  } catch (error) {
    known = out.readerGone()
      ? undefined
      : toMonitorError(error, { isInterrupted: interrupt.signal.aborted, isUnwritable: out.failed() }, program.usage);
    if (known !== undefined) {
      reporter.error(known);
      if (isVerbose(argv)) process.stderr.write(`${neutralLines(stackOf(error))}\n`);
      exitCode = known.exitCode;
    }
  } finally {
    reporter.close();
    interrupt.stopListening();
  }
  const unwritten = await out.unwritten(ran);
  if (unwritten === undefined) return exitCode;
  // The error itself says more than that it could not be written; without --json it is on stderr already.
  if (known === undefined || json) forPeople(plainReporter, argv).error(known ?? unwritten);
  return (known ?? unwritten).exitCode;
};

const isVerbose = (argv: readonly string[]): boolean => argv.includes('--verbose') || argv.includes('-v');

const output = (argv: readonly string[]): Output => ({
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  outStyle: styleOf(process.stdout),
  errStyle: styleOf(process.stderr),
  now: () => new Date(),
  verbose: isVerbose(argv),
});

const forPeople = (make: (output: Output) => Reporter, argv: readonly string[]): Reporter =>
  neutralising(make(output(argv)), process.stdout.isTTY);

const styleOf = ({ isTTY, columns }: NodeJS.WriteStream): Style => {
  const unicode = wantsUnicode(process.env, process.platform);
  return styleFor(wantsColor(process.env, isTTY), { columns: columns || 80, unicode });
};

const chooseReporter = async (globals: GlobalOptions, argv: readonly string[]): Promise<Reporter> => {
  if (globals.json) return jsonReporter(output(argv));
  if (globals.quiet) return forPeople(quietReporter, argv);
  if (!process.stderr.isTTY || process.env['TERM'] === 'dumb' || process.env['CI'])
    return forPeople(plainReporter, argv);
  const { terminalReporter } = await import('../output/terminal.ts');
  return forPeople(terminalReporter, argv);
};

const terminal = () => ({ input: process.stdin, output: process.stderr });

const depsFor = (
  globals: GlobalOptions,
  program: Pick<Deps, 'packageRoot' | 'version'>,
  reporter: Reporter,
  { signal, stopWork }: Pick<ReturnType<typeof listenForInterrupts>, 'signal' | 'stopWork'>,
): Deps => ({
  cwd: currentFolder(),
  env: process.env,
  ...program,
  configPath: globals.config,
  connect: async () => {
    const { connect } = await import('../docker/connect.ts');
    const { platform, env } = process;
    return connect({ context: globals.context, env, homedir: homedir(), platform });
  },
  reporter,
  signal,
  readPassword: async () => {
    if (!process.stdin.isTTY) return text(addAbortSignal(signal, process.stdin));
    const { askPassword } = await import('./ask.ts');
    return askPassword('Password: ', terminal(), signal, stopWork);
  },
  confirm:
    isatty(0) && process.stderr.isTTY && !globals.json
      ? async (question) => (await import('./ask.ts')).askYesNo(question, terminal(), signal, stopWork)
      : undefined,
});

/** Fails with `folder-gone` where the folder that this was started in was removed. */
const currentFolder = (): string => {
  try {
    return process.cwd();
  } catch (cause) {
    throw mistake({
      code: 'folder-gone',
      message: 'The current folder no longer exists',
      suggestion: 'change to a folder that exists; `cd .` is enough if it was created again',
      cause,
    });
  }
};

const STOPPING = 'interrupted: stopping after the current step (press Ctrl-C again to stop at once)';

/** The first Ctrl-C stops the work after its current step, the second one at once. */
const listenForInterrupts = (onFirst: () => void) => {
  const controller = new AbortController();
  // Each request that is under way listens, and there may be many at once.
  setMaxListeners(0, controller.signal);
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130);
    onFirst();
    controller.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    stopWork: () => controller.abort(),
    stopListening: () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
};

/**
 * `undefined` where nothing is wrong: help or the version was asked for, or work ended because its output cannot be
 * written, which is reported separately.
 */
const toMonitorError = (
  error: unknown,
  { isInterrupted, isUnwritable }: { isInterrupted: boolean; isUnwritable: boolean },
  usage: Usage,
): MonitorError | undefined => {
  if (error instanceof CommanderError && error.exitCode === 0) return undefined;
  if (isInterrupted && !isUnwritable) {
    return new MonitorError({
      code: 'interrupted',
      message: 'Interrupted',
      suggestion: 'run the command again: it continues from the current state',
      exitCode: 130,
    });
  }
  if (error instanceof MonitorError) return error;
  if (error instanceof CommanderError) return usageError(error, usage);
  if (isUnwritable) return undefined;
  if (error instanceof EngineError) {
    return new MonitorError({
      code: 'engine-refused',
      message: `The Docker engine refused a call${error.doing === '' ? '' : ` while ${error.doing}`}`,
      detail: [error.status === 0 ? error.message : `${error.message} (status ${error.status})`],
      suggestion: /cannot assign requested address/.test(error.message)
        ? 'set `bind` in monitor.yml to an address that the machine of the engine has, and run the command again'
        : 'run the command again: it continues from the current state',
      cause: error,
    });
  }
  return new MonitorError({
    code: 'internal',
    message: `Unexpected error: ${errorText(error)}`,
    suggestion: 'run it again with --verbose to see where, and report it: this is a bug',
    cause: error,
  });
};

const stackOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
};

/**
 * Output that cannot be written. `monitor logs -f | head -1` closes the pipe early, which is not an error: the command is
 * stopped. On a full disk the result is lost, which is an error. Progress that cannot be written stops nothing.
 */
const watchStreams = (stopWork: () => void) => {
  let failure: NodeJS.ErrnoException | undefined;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error;
    stopWork();
  });
  process.stderr.on('error', () => {});
  return {
    failed: () => failure !== undefined,
    readerGone: () => failure?.code === 'EPIPE',
    /** Waits for what was written; why that could not be, where it is a failure. `ran`: whether a command was. */
    unwritten: async (ran: boolean): Promise<MonitorError | undefined> => {
      await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
      if (failure === undefined || failure.code === 'EPIPE') return undefined;
      return new MonitorError({
        code: 'output-failed',
        message: 'The result could not be written to stdout',
        detail: [failure.message],
        suggestion: ran ? 'the command was carried out; see `monitor status`' : 'write it somewhere else',
        cause: failure,
      });
    },
  };
};
