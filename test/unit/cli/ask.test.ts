import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { askPassword, askYesNo } from '../../../src/cli/ask.ts';

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

/** What the question comes to where `typed` is typed at a terminal, and what the terminal shows. */
const typed = async (text: string, abort?: unknown): Promise<{ answer: unknown; shown: string; open: boolean }> => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const controller = new AbortController();
  const asked = askYesNo('Remove it?', { input, output }, controller.signal, () => controller.abort('interrupted'));
  if (abort === undefined) input.write(text);
  else controller.abort(abort);
  const answer = await asked.catch((error: unknown) => ({ thrown: error }));
  const shown = String(output.read());
  return { answer, shown, open: !input.isPaused() };
};

it.each([
  ['y\r', true],
  ['YES\r', true],
  ['\r', false],
  ['n\r', false],
  ['yesterday\r', false],
])('the answer %j is %j', async (text, answer) => {
  expect(await typed(text)).toMatchObject({ answer, open: false });
});

it('Ctrl-C interrupts the question, on a line of its own', async () => {
  const { answer, shown, open } = await typed(CTRL_C);
  expect({ answer, open }).toEqual({ answer: { thrown: 'interrupted' }, open: false });
  expect(shown).toMatch(/\[y\/N\] [\s\S]*\n$/);
});

it('Ctrl-D is a no, on a line of its own', async () => {
  const { answer, shown, open } = await typed(CTRL_D);
  expect({ answer, open }).toEqual({ answer: false, open: false });
  expect(shown).toMatch(/\[y\/N\] [\s\S]*\n$/);
});

it('a signal from elsewhere ends the question', async () => {
  expect(await typed('', 'terminated')).toMatchObject({ answer: { thrown: 'terminated' }, open: false });
});

it('a password is not shown while it is typed', async () => {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const asked = askPassword('Password: ', { input, output }, new AbortController().signal, () => {});
  input.write('s3cret\r');
  expect(await asked).toBe('s3cret');
  expect(String(output.read())).toBe('Password: \n');
});
