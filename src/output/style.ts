import { Chalk } from 'chalk';

export interface Surface {
  columns: number;
  /** Characters beyond ASCII, braille among them. */
  unicode: boolean;
}

/** How text can stand out, and on what surface. */
export interface Style extends Surface {
  good: (text: string) => string;
  bad: (text: string) => string;
  warn: (text: string) => string;
  faint: (text: string) => string;
  strong: (text: string) => string;
  /** Colours a text as the series with this index; absent without colour. */
  series?: (text: string, index: number) => string;
}

/**
 * Whether a stream gets colour: FORCE_COLOR wins, then NO_COLOR and TERM=dumb turn it off, then only a terminal gets it.
 * chalk itself supports neither NO_COLOR nor two streams of which one is a terminal.
 * Sources: https://no-color.org (any non-empty value), https://force-color.org.
 */
export const wantsColor = (env: Readonly<Record<string, string | undefined>>, isTty: boolean): boolean => {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false';
  if (env['NO_COLOR']) return false;
  return isTty && env['TERM'] !== 'dumb';
};

/**
 * Whether characters beyond ASCII can be shown: the locale has to be UTF-8, and a dumb terminal and the Linux console lack
 * braille. On Windows only newer terminals, which set a variable, are known to.
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
