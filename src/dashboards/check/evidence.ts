import { parseDuration } from '../../config/values.ts';
import type { QueryResult } from '../../prometheus/answers.ts';
import type { ActiveTarget, PrometheusClient, TimeRange } from '../../prometheus/client.ts';
import type { Selector } from '../../prometheus/selectors.ts';
import type { Evidence } from './why-empty.ts';

/** As far back as anything can be remembered. */
const LONG_AGO_SECONDS = 10 * 365 * 86_400;

/** What Prometheus has for a selector: no more requests than its case needs. */
export const gatherEvidence = async (
  selector: Selector,
  { start, end }: TimeRange,
  prometheus: PrometheusClient,
): Promise<Evidence> => {
  const metric = anySeriesOf(selector);
  const inRange = await prometheus.series([metric], { start, end });
  if (inRange.length > 0) {
    const samples = selector.range === undefined ? {} : await gatherSamples(selector, { start, end }, prometheus);
    return { inRange, ever: inRange, names: [], ...samples };
  }
  const always = { start: Math.max(0, end - LONG_AGO_SECONDS), end };
  const ever = await prometheus.series([metric], always);
  const names = ever.length > 0 ? [] : await prometheus.labelValues('__name__', [], always);
  return { inRange, ever, names };
};

/** All series of its metric; without a metric's name, those that it selects. */
const anySeriesOf = ({ metric, text }: Selector): string =>
  metric === '' ? text : `{__name__=${JSON.stringify(metric)}}`;

const gatherSamples = async (
  { text, range = '' }: Selector,
  { start, end }: TimeRange,
  prometheus: PrometheusClient,
): Promise<Pick<Evidence, 'samples' | 'moved' | 'scrapeSeconds'>> => {
  const whole = `${Math.ceil(end - start)}s`;
  const [counts, changes, targets] = await Promise.all([
    prometheus.query(`count_over_time(${text}[${range}])`, end),
    prometheus.query(`changes(${text}[${whole}])`, end),
    prometheus.targets(),
  ]);
  const greatest = (series: typeof counts.series) =>
    Math.max(0, ...series.map(({ samples }) => Number(samples[0]?.[1])));
  return {
    samples: greatest(counts.series),
    moved: greatest(changes.series) > 0,
    scrapeSeconds: scrapeOf(counts.series.length > 0 ? counts.series : changes.series, targets),
  };
};

const scrapeOf = (
  series: QueryResult['series'],
  targets: readonly Pick<ActiveTarget, 'job' | 'instance' | 'scrapeInterval'>[],
): number => {
  const of = targets.filter(({ job, instance }) =>
    series.some(({ labels }) => labels['job'] === job && labels['instance'] === instance),
  );
  return Math.max(0, ...of.map(({ scrapeInterval = '' }) => parseDuration(scrapeInterval) ?? 0)) / 1000;
};
