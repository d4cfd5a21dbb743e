import { expect } from 'vitest';
import type { MonitorOptions, Ran } from './monitor.ts';

/** An error as `--json` prints it. */
export interface Refusal {
  code: string;
  message: string;
  detail: string[];
  suggestion: string | null;
  exitCode: number;
  /** As a person sees it. */
  text: string;
}

type Run = (args: readonly string[], env?: MonitorOptions['env']) => Promise<Ran>;

/**
 * Runs a command that has to fail, once for a person and once with `--json`, and expects of both what holds for every
 * error: it is on the right stream alone, whole, without a stack trace, and with the exit code that it names.
 */
export const refusal = async (run: Run, args: readonly string[], env?: MonitorOptions['env']): Promise<Refusal> => {
  const told = await run(args, env);
  const printed = await run(['--json', ...args], env);
  const error = errorIn(printed);
  const said = `\`monitor ${args.join(' ')}\` said:\n${told.stdout}${told.stderr}`;
  expect(printed, said).toMatchObject({ code: error.exitCode, stderr: '' });
  expect(told, said).toMatchObject({ code: error.exitCode, stdout: '' });
  expect(told.stderr, said).toContain(`✘ ${error.message}`);
  for (const line of error.detail) expect(told.stderr, said).toContain(line.split('\n')[0]);
  if (error.suggestion !== null) expect(told.stderr, said).toContain(`→ ${error.suggestion}`);
  expect(told.stderr, said).not.toMatch(/^\s+at .*:\d+:\d+|this is a bug|\[object |undefined/m);
  expect(error.message, 'begins a sentence, or with what was given').toMatch(/^([A-Z"`/[]|monitor\.yml|\S+:\d)/);
  expect(error.message, 'ends without a full stop').not.toMatch(/\.$/);
  return { ...error, text: told.stderr };
};

const errorIn = (ran: Ran): Omit<Refusal, 'text'> => {
  const document = ran.json();
  if (typeof document !== 'object' || document === null || !('error' in document)) {
    throw new Error(`it did not fail: ${ran.stdout}${ran.stderr}`);
  }
  const { error } = document;
  const texts = expect.any(String);
  const shape = { code: texts, message: texts, detail: expect.any(Array), exitCode: expect.any(Number) };
  expect(Object.keys(error ?? {}).sort()).toEqual(['code', 'detail', 'exitCode', 'message', 'suggestion']);
  expect(error).toMatchObject(shape);
  // Its shape was compared just above.
  return error as Omit<Refusal, 'text'>;
};
