import { Argument, InvalidArgumentError, Option } from 'commander';
import { EXPORTER_NAMES } from '../config/exporter-table.ts';
import { SERVERS } from '../config/servers.ts';
import { parseDuration, type Rule } from '../config/values.ts';

/** Arguments and options that several commands have, and how their values are read. */

const DEFAULT_TIMEOUT_MS = 120_000;

export const serviceArgument = (): Argument => new Argument('[service]', 'the server').choices(SERVERS);

/** Its choices are for completions and help alone: for an unknown name the nearest one is suggested. */
export const exporterArgument = (): Argument => {
  const argument = new Argument('<name>', 'the exporter');
  argument.argChoices = [...EXPORTER_NAMES];
  return argument;
};

export const timeoutOption = (also = ''): Option =>
  new Option('--timeout <duration>', `how long to wait for the servers to start${also}`)
    .argParser(duration)
    .default(DEFAULT_TIMEOUT_MS, '120s');

/** In milliseconds. */
export const duration = (text: string): number => {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined || milliseconds === 0) {
    throw new InvalidArgumentError('It must be a duration such as 90s or 2m.');
  }
  return milliseconds;
};

/** A text that keeps to a rule of monitor.yml's values. */
export const checkedBy =
  (rule: Rule) =>
  (text: string): string => {
    const problem = rule(text);
    if (problem !== undefined) throw new InvalidArgumentError(`It ${problem}.`);
    return text;
  };

export const port = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65_535)
    throw new InvalidArgumentError('It must be a port from 1 to 65535.');
  return value;
};

/** 1 if a part of what was asked for could not be done. */
export const problemsExitCode = ({ problems }: { problems: readonly unknown[] }): 0 | 1 =>
  problems.length > 0 ? 1 : 0;

export const exitCode3 = (when: string): string => `\nExit code 3 if ${when}.`;

export const collect = (value: string, previous: readonly string[]): string[] => [...previous, value];
