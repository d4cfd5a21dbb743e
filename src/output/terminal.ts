import { createLogUpdate } from 'log-update';
import type { Step } from '../stack/progress.ts';
import { plainReporter, resourceRow } from './plain.ts';
import type { Reporter } from './reporter.ts';
import type { Output } from './streams.ts';

const FRAME_MS = 80;
const FRAMES = { unicode: [...'⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'], ascii: [...'-\\|/'] };

interface Running {
  resource: string;
  doing: string;
  /** Unix milliseconds. */
  since: number;
}

/** For a terminal: below what is done, a line with a spinner for each resource that is worked on. */
export const terminalReporter = (output: Output): Reporter => {
  const plain = plainReporter(output);
  const live = createLogUpdate(process.stderr);
  const frames = output.errStyle.unicode ? FRAMES.unicode : FRAMES.ascii;
  const running = new Map<symbol, Running>();
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    const spinner = output.errStyle.warn(frames[frame % frames.length] ?? '');
    const columns = process.stderr.columns || 80;
    const now = output.now().getTime();
    live([...running.values()].map((one) => `${spinner} ${clipped(lineOf(one, now), columns - 2)}`).join('\n'));
  };
  const show = (): void => {
    if (running.size === 0) {
      stop();
      return;
    }
    draw();
    timer ??= setInterval(() => {
      frame += 1;
      draw();
    }, FRAME_MS);
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    live.clear();
    live.done();
  };
  /** Writes above the running ones. */
  const above = (write: () => void): void => {
    live.clear();
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

/** Lines that the terminal wraps could not be drawn over. */
export const clipped = (text: string, columns: number): string => {
  const width = Math.max(1, columns - 1);
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
};
