import { shorten } from '../words.ts';
import { lines } from './lines.ts';
import type { MetricRow, ReportOf } from './report.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';
import { formatValue, unitWord } from './units.ts';

/** A table for each job, with the help of each metric below its name where there is room. Pure. */
export const metricsText = ({ job, search, jobs }: ReportOf<'metrics'>, style: Style): string => {
  const found = jobs.filter(({ metrics }) => metrics.length > 0);
  if (found.length === 0) {
    const of = job === undefined ? '' : ` of the job "${job}"`;
    return search === undefined ? `Prometheus has no metrics${of} yet.` : `No metric${of} matches "${search}".`;
  }
  return found
    .map(({ job: name, metrics }) =>
      lines(style.strong(`${name === '' ? 'without a job' : name} (${metrics.length})`), metricTable(metrics, style)),
    )
    .join('\n\n');
};

/** Labels that say most of a metric; the rest is counted. */
const MOST_LABELS = 3;
const LEAST_HELP = 30;
const HEAD = ['METRIC', 'TYPE', 'UNIT', 'SERIES', 'LAST', 'LABELS'];

/** The help takes what room the other columns leave. */
const metricTable = (metrics: readonly MetricRow[], { columns }: Style): string => {
  const rows = metrics.map(metricCells);
  const taken = HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]?.length ?? 0)) + 2);
  const room = Math.max(LEAST_HELP, columns - taken.reduce((a, b) => a + b, 0));
  return table(
    [...HEAD, 'HELP'],
    rows.map((row, i) => [...row, shorten(metrics[i]?.help ?? '', room)]),
  );
};

const metricCells = ({ name, type, unit, series, labels, last }: MetricRow): string[] => [
  name,
  type,
  unitWord(unit) || '-',
  series === 0 ? 'not seen yet' : `${series}`,
  lastText(last, unit),
  labelsText(labels),
];

/** As many seconds are a time, not a duration: September 2001. */
const SECONDS_OF_A_DATE = 1e9;

const lastText = (last: MetricRow['last'], unit: string): string => {
  if (last === undefined) return '-';
  if (unit === 's' && last.min > SECONDS_OF_A_DATE)
    return new Date(last.max * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  const [min, max] = [formatValue(last.min, unit), formatValue(last.max, unit)];
  return min === max ? max : `${min} .. ${max}`;
};

const labelsText = (labels: MetricRow['labels']): string => {
  const telling = labels.filter(({ name, values }) => values > 1 || (name !== 'job' && name !== 'instance'));
  const shown = telling.slice(0, MOST_LABELS).map(({ name, values }) => `${name} (${values})`);
  const more = telling.length - shown.length;
  return [...shown, ...(more > 0 ? [`+${more}`] : [])].join(', ') || '-';
};
