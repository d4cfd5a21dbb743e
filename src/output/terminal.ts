import ora from 'ora';
import type { Step } from '../stack/progress.ts';
import { plainReporter } from './plain.ts';
import type { Reporter } from './reporter.ts';
import type { Output } from './streams.ts';

/** For a terminal: a spinner names the steps that are under way. */
export const terminalReporter = (output: Output): Reporter => {
  const plain = plainReporter(output);
  // With its default, ora takes stdin over and Ctrl-C is lost.
  const spinner = ora({ stream: process.stderr, discardStdin: false });
  const underWay = new Map<symbol, string>();

  const show = (): void => {
    if (underWay.size === 0) {
      spinner.stop();
      return;
    }
    spinner.text = clipped([...underWay.values()].join(' · '), process.stderr.columns ?? 80);
    if (!spinner.isSpinning) spinner.start();
  };
  /** Writes past the spinner, which is drawn again below. */
  const past = (write: () => void): void => {
    spinner.stop();
    write();
    show();
  };

  return {
    ...plain,
    start: (resource, doing, options) => {
      const key = Symbol(resource);
      const name = (step: string): void => {
        underWay.set(key, resource === '' ? step : `${resource}: ${step}`);
        show();
      };
      const end = (write: () => void): void => {
        underWay.delete(key);
        past(write);
      };
      let line: Step | undefined;
      past(() => {
        line = plain.start(resource, doing, options);
      });
      name(doing);
      return {
        update: (step) => {
          past(() => line?.update(step));
          name(step);
        },
        done: (outcome) => end(() => line?.done(outcome)),
        failed: () => end(() => line?.failed()),
      };
    },
    note: (text) => past(() => plain.note(text)),
    warn: (text) => past(() => plain.warn(text)),
    event: (text, data) => past(() => plain.event(text, data)),
    result: (report) => {
      spinner.stop();
      plain.result(report);
    },
    error: (error) => {
      spinner.stop();
      plain.error(error);
    },
    close: () => spinner.stop(),
  };
};

/** What is drawn around the text, and ora's count of it, which is two columns too many. */
const MARGIN = 5;

/** On one line: of several, ora may take away one too many, which is one that was to stay. */
export const clipped = (text: string, columns: number): string => {
  const width = Math.max(1, columns - MARGIN);
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
};
