import type { ChildProcess } from 'node:child_process';

/** How a shell sees a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

/** The demo was told to end. */
export class Interrupted extends Error {}

let child: ChildProcess | undefined;
let interrupted = false;

/**
 * From now on Ctrl-C and SIGTERM end the demo: at once while it works itself, and while a command of `monitor` runs when
 * that has ended, because it stops in good order. The second one does not wait.
 */
export function endOnInterrupt(lastWords: () => void): void {
  const onSignal = (signal: NodeJS.Signals) => {
    if (child !== undefined && !interrupted) {
      interrupted = true;
      // A terminal sends Ctrl-C to both; a SIGTERM is sent to one.
      if (signal === 'SIGTERM') child.kill(signal);
      return;
    }
    lastWords();
    process.exit(INTERRUPTED);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

/** Waits for a child process, which an interrupt then waits for too. */
export async function whileRunning<T>(running: ChildProcess, ended: Promise<T>): Promise<T> {
  child = running;
  try {
    const result = await ended;
    if (interrupted) throw new Interrupted();
    return result;
  } finally {
    child = undefined;
  }
}
