import { Chalk } from 'chalk';

/** What a stream can show. */
export interface Surface {
  columns: number;
  /** Characters beyond ASCII, braille among them. */
  unicode: boolean;
}

/** The few ways in which text stands out, on what. */
export interface Style extends Surface {
  good: (text: string) => string;
  bad: (text: string) => string;
  warn: (text: string) => string;
  faint: (text: string) => string;
  strong: (text: string) => string;
  /** The colour of one of several series, counted from 0; absent where there is no colour. */
  series?: (text: string, index: number) => string;
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

/**
 * Whether the terminal, or what is read later, shows characters beyond ASCII: the locale has to be one of UTF-8, and
 * neither a dumb terminal nor Linux's console has braille. On Windows it is known of newer terminals alone.
 */
export const wantsUnicode = (env: Readonly<Record<string, string | undefined>>, platform: string): boolean => {
  if (env['TERM'] === 'dumb' || env['TERM'] === 'linux') return false;
  if (platform === 'win32') return Boolean(env['WT_SESSION'] || env['TERM_PROGRAM']);
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return locale ? /utf-?8/i.test(locale) : platform === 'darwin';
};

const SURFACE: Surface = { columns: 80, unicode: true };

export const styleFor = (color: boolean, surface: Surface = SURFACE): Style => {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  const palette = [chalk.green, chalk.yellow, chalk.cyan, chalk.magenta, chalk.blue, chalk.red];
  return {
    ...surface,
    good: chalk.green,
    bad: chalk.red,
    warn: chalk.yellow,
    faint: chalk.dim,
    strong: chalk.bold,
    series: color ? (text, index) => palette[index % palette.length]?.(text) ?? text : undefined,
  };
};
