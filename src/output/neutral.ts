import { stripVTControlCharacters } from 'node:util';
import { MonitorError } from '../errors.ts';
import type { Report } from './report.ts';
import type { Reporter } from './reporter.ts';

/** Control and format characters, and separators of lines: what acts on a terminal, or is not seen on it. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
const ALL_HIDDEN = /[^\P{Cc}\t]|[\p{Cf}\p{Zl}\p{Zp}]/gu;

/** One line without escape sequences and without characters that are not seen; tabs stay. Pure. */
export const neutral = (text: string): string =>
  HIDDEN.test(text)
    ? stripVTControlCharacters(text)
        .replace(/[\r\n]+/g, ' ')
        .replace(ALL_HIDDEN, '')
    : text;

/** The same of each line of a text. Pure. */
export const neutralLines = (text: string): string => text.split('\n').map(neutral).join('\n');

/** A copy whose texts, and the names of whose fields, are neutral, at any depth. Pure. */
const neutralised = <T extends object>(value: T): T => {
  const copy = structuredClone(value);
  neutraliseIn(copy);
  return copy;
};

const neutraliseIn = (node: object): void => {
  for (const [key, value] of Object.entries(node)) {
    const name = neutral(key);
    if (name !== key) Reflect.deleteProperty(node, key);
    if (typeof value === 'string' || name !== key)
      Reflect.set(node, name, typeof value === 'string' ? neutral(value) : value);
    if (typeof value === 'object' && value !== null) neutraliseIn(value);
  }
};

/**
 * The one place where text from outside (names, labels, log lines, the words of the engine, Prometheus and Grafana) is made
 * harmless: before `reporter` lays it out and colours it. A document for another program (YAML, a script, CSV) is written as
 * it is, unless a terminal would read it.
 */
export const neutralising = (reporter: Reporter, toTerminal: boolean): Reporter => ({
  start: (resource, doing, options) => {
    const step = reporter.start(neutral(resource), neutral(doing), options);
    return { ...step, update: (text) => step.update(neutral(text)), done: (text) => step.done(text && neutral(text)) };
  },
  note: (text) => reporter.note(neutral(text)),
  warn: (text, data) => reporter.warn(neutral(text), data),
  event: (text, data) => reporter.event(neutral(text), data),
  result: (report) => reporter.result(neutralReport(report, toTerminal)),
  error: (error) => reporter.error(neutralError(error)),
  close: () => reporter.close(),
});

const neutralReport = (report: Report, toTerminal: boolean): Report => {
  if (report.kind === 'query' && report.csv && !toTerminal) return report;
  const copy = neutralised(report);
  if ('text' in copy && 'text' in report)
    copy.text = toTerminal ? report.text && neutralLines(report.text) : report.text;
  return copy;
};

const neutralError = ({ code, message, detail, suggestion, exitCode }: MonitorError): MonitorError =>
  new MonitorError({
    code,
    message: neutral(message),
    detail: detail.flatMap((part) => part.split('\n')).map(neutral),
    suggestion: suggestion && neutral(suggestion),
    exitCode,
  });
