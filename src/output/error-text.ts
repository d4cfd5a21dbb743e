import type { MonitorError } from '../errors.ts';
import type { Style } from './style.ts';

/** An error as a person reads it: what happened, why, what to do. */
export const errorMessage = (error: MonitorError, style: Style): string =>
  [
    `${style.bad('✘')} ${error.message}`,
    ...error.detail.flatMap((part) => part.split('\n')).map((line) => `  ${line}`),
    ...(error.suggestion === undefined ? [] : [`${style.strong('→')} ${error.suggestion}`]),
  ].join('\n');

/** The same for a program: what `--json` prints in place of a report. */
export const errorDocument = (error: MonitorError): object => ({
  error: {
    code: error.code,
    message: error.message,
    detail: error.detail,
    suggestion: error.suggestion ?? null,
    exitCode: error.exitCode,
  },
});
