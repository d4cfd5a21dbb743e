import { createInterface } from 'node:readline/promises';

export const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/**
 * A question to the person at the terminal: enter is a yes, the end of the input a no.
 * Ctrl-C goes where it would go without the question.
 */
export async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const ended = new Promise<string>((resolve) => terminal.on('close', () => resolve('no')));
  try {
    const answer = await Promise.race([terminal.question(`${question} [Y/n] `), ended]);
    return !/^\s*n/i.test(answer);
  } finally {
    terminal.close();
  }
}
