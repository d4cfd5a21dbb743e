import type { QueryReport, QuerySeries } from './report.ts';

/** One row per sample, with a column for each label; times in RFC 3339. Source of the quoting: RFC 4180. Pure. */
export const csvText = ({ series }: Pick<QueryReport, 'series'>): string => {
  const labels = [...new Set(series.flatMap((s) => Object.keys(s.labels)))].sort();
  const named = isNamed(series) ? ['series'] : [];
  const head = [...named, ...labels, 'time', 'value'];
  const rows = series.flatMap((one) => {
    const of = [...named.map(() => one.name), ...labels.map((label) => one.labels[label] ?? '')];
    return one.values.map(([time, value]) => [...of, timeText(time), value]);
  });
  return [head, ...rows].map((row) => row.map(csvField).join(',')).join('\n');
};

/** Two queries of one metric may give series of the same labels: p50 and p95. */
const isNamed = (series: readonly QuerySeries[]): boolean =>
  new Set(series.map((s) => JSON.stringify(Object.entries(s.labels).sort()))).size < series.length;

const timeText = (seconds: number): string => new Date(Math.round(seconds * 1000)).toISOString().replace('.000Z', 'Z');

const csvField = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
