import ora from 'ora';
import type { Step } from '../stack/progress.ts';
import { shorten } from '../words.ts';
import { plainReporter, resourceRow } from './plain.ts';
import type { Output, Reporter } from './reporter.ts';

interface Running {
  resource: string;
  doing: string;
  /** Unix milliseconds. */
  since: number;
}

/** For a terminal: below what is done, a line for each resource that is worked on, the first one with a spinner. */
export const terminalReporter = (output: Output): Reporter => {
  const plain = plainReporter(output);
  const running = new Map<symbol, Running>();
  const text = (): string => {
    const now = output.now().getTime();
    const columns = process.stderr.columns || 80;
    return [...running.values()].map((one) => clipped(lineOf(one, now), columns)).join('\n  ');
  };
  // With its default, ora takes stdin over and Ctrl-C is lost. Whether this is a terminal is known here.
  const spinner = ora({ stream: process.stderr, discardStdin: false, isEnabled: true });
  let timer: NodeJS.Timeout | undefined;
  const show = (): void => {
    if (running.size === 0) {
      stop();
      return;
    }
    spinner.text = text();
    if (!spinner.isSpinning) spinner.start();
    timer ??= setInterval(show, 1000);
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    spinner.stop();
  };
  const above = (write: () => void): void => {
    spinner.stop();
    write();
    show();
  };

  return {
    ...plain,
    start: (resource, doing, options) => {
      const key = Symbol(resource);
      const end = (write: () => void): void => {
        running.delete(key);
        above(write);
      };
      const since = output.now().getTime();
      let line: Step | undefined;
      running.set(key, { resource, doing, since });
      above(() => {
        line = plain.start(resource, doing, options);
      });
      return {
        update: (step) => {
          running.set(key, { resource, doing: step, since });
          above(() => line?.update(step));
        },
        done: (outcome) => end(() => line?.done(outcome)),
        failed: () => end(() => line?.failed()),
      };
    },
    note: (text) => above(() => plain.note(text)),
    warn: (text) => above(() => plain.warn(text)),
    event: (text, data) => above(() => plain.event(text, data)),
    result: (report) => {
      stop();
      plain.result(report);
    },
    error: (error) => {
      stop();
      plain.error(error);
    },
    close: stop,
  };
};

/** With the time from its second second on. */
const lineOf = ({ resource, doing, since }: Running, now: number): string => {
  const seconds = Math.floor((now - since) / 1000);
  return `${resource === '' ? doing : resourceRow(resource, doing)}${seconds > 0 ? `  ${seconds}s` : ''}`;
};

/** What ora writes before the text, and its count of that, which is two columns too many. */
const MARGIN = 5;

/** Of a line that the terminal wraps ora may remove one line too many. */
export const clipped = (text: string, columns: number): string => shorten(text, Math.max(1, columns - MARGIN));
