/** A line of Prometheus's log by its keys: `msg`, `level`, `err`, `target`, ... */
export type LogLine = Readonly<Record<string, string>>;

/**
 * Lines of Prometheus's log, which is logfmt: `key=word` and `key="quoted as Go quotes"`. Pure; what is none reads as far as
 * it is. The keys and messages that are used here are the same in 2.42.0, 3.5.3 and 3.13.2; the time is `ts` in 2.x and
 * `time` since 3.0.
 */
export const readLog = (lines: readonly string[]): LogLine[] =>
  lines.map((line) =>
    Object.fromEntries(
      [...line.matchAll(/([\w.]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g)].map(([, key = '', quoted, word = '']) => [
        key,
        quoted === undefined ? word : quoted.replaceAll(/\\(.)/g, '$1'),
      ]),
    ),
  );

/** What it has said since it last began to load a configuration. Pure. */
export const sinceLoading = (log: readonly LogLine[]): LogLine[] =>
  log.slice(log.findLastIndex((line) => line['msg'] === 'Loading configuration file') + 1);

/** Unix ms; NaN where the line has no time. */
export const timeOf = (line: LogLine): number => Date.parse(line['time'] ?? line['ts'] ?? '');
