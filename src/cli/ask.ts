import { createInterface } from 'node:readline';

export interface Terminal {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

/**
 * Asks a person: no, unless it is answered with yes, and no where the terminal's input ends (Ctrl-D).
 * While it asks, the terminal gives no signal for a Ctrl-C but the letter itself, which calls `interrupt`.
 * @throws what `signal` was aborted with, once it is
 */
export const askYesNo = (
  question: string,
  { input, output }: Terminal,
  signal: AbortSignal,
  interrupt: () => void,
): Promise<boolean> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const prompt = createInterface({ input, output });
    const leave = (end: () => void, lineEnd = '\n') => {
      signal.removeEventListener('abort', aborted);
      prompt.removeAllListeners();
      prompt.close();
      output.write(lineEnd);
      end();
    };
    const aborted = () => leave(() => reject(signal.reason));
    signal.addEventListener('abort', aborted);
    prompt.on('SIGINT', interrupt);
    prompt.on('close', () => leave(() => resolve(false)));
    prompt.question(`${question} [y/N] `, (answer) => leave(() => resolve(/^y(es)?$/i.test(answer.trim())), ''));
  });
