import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

export interface Terminal {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

/** Asks a yes/no question; no, unless the answer is yes. Fails as `askLine` does. */
export const askYesNo = async (...[question, ...rest]: Parameters<typeof askLine>): Promise<boolean> =>
  /^y(es)?$/i.test((await askLine(`${question} [y/N] `, ...rest))?.trim() ?? '');

/** Asks for a password, which is not shown; empty where none is given. Fails as `askLine` does. */
export const askPassword = async (
  question: string,
  terminal: Terminal,
  signal: AbortSignal,
  interrupt: () => void,
): Promise<string> => (await askLine(question, terminal, signal, interrupt, true)) ?? '';

const unseen = () => new Writable({ write: (_chunk, _encoding, done) => done() });

/**
 * One line from a person; `undefined` where the terminal's input ends (Ctrl-D). While it asks, the terminal gives no signal
 * for a Ctrl-C but the letter itself, which calls `interrupt`.
 * @throws what `signal` was aborted with, once it is
 */
const askLine = async (
  question: string,
  { input, output }: Terminal,
  signal: AbortSignal,
  interrupt: () => void,
  isSecret = false,
): Promise<string | undefined> => {
  signal.throwIfAborted();
  const prompt = createInterface(isSecret ? { input, output: unseen(), terminal: true } : { input, output });
  prompt.on('SIGINT', interrupt);
  if (isSecret) output.write(question);
  const ended = once(prompt, 'close', { signal }).then(() => undefined);
  const answer = await Promise.race([prompt.question(isSecret ? '' : question), ended]).catch(() => undefined);
  prompt.close();
  // The terminal has shown the line end of an answer, unless that is secret.
  if (isSecret || answer === undefined) output.write('\n');
  signal.throwIfAborted();
  return answer;
};
