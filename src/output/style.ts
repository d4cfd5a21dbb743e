import { Chalk } from 'chalk';

/** The few ways in which text stands out. */
export interface Style {
  good: (text: string) => string;
  bad: (text: string) => string;
  warn: (text: string) => string;
  faint: (text: string) => string;
  strong: (text: string) => string;
}

/**
 * Whether a stream gets colour: FORCE_COLOR wins (but for `0`), then NO_COLOR and TERM=dumb forbid it, then it takes a
 * terminal. chalk itself heeds neither NO_COLOR nor which of the two streams is the terminal.
 * Sources: https://no-color.org (any non-empty value), https://force-color.org.
 */
export const wantsColor = (env: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean => {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if (env['NO_COLOR']) return false;
  return isTty && env['TERM'] !== 'dumb';
};

export const styleFor = (color: boolean): Style => {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  return { good: chalk.green, bad: chalk.red, warn: chalk.yellow, faint: chalk.dim, strong: chalk.bold };
};
