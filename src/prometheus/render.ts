import { createHash } from 'node:crypto';
import { DEFAULT_METRICS_PATH, DEFAULT_SCHEME } from '../config/defaults.ts';
import type { MonitorConfig } from '../config/model.ts';
import { parseDuration } from '../config/values.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { shortId } from '../docker/engine.ts';
import { groupBy } from '../metrics/group.ts';
import { blockText, type Data, libraryText } from './yaml-text.ts';

/**
 * prometheus.yml for these targets: the same text for the same input, byte for byte. Pure.
 * Targets of one job become one scrape config; where they differ in path, scheme or interval, the job takes the
 * first one's and the others carry theirs as `__metrics_path__` and so on, which Prometheus reads as target labels.
 */
export const renderPrometheusConfig = (config: MonitorConfig, targets: readonly ScrapeTarget[]): string => {
  const global = blockText({ global: { scrape_interval: config.scrape_interval } });
  const own = blockText(scrapeConfigsOf(targets, config.scrape_interval), '  ');
  const jobs = `${own}${passedThrough(config.scrape_configs)}`;
  const scrapeConfigs = jobs === '' ? 'scrape_configs: []\n' : `scrape_configs:\n${jobs}`;
  const hash = createHash('sha256').update(`${global}${scrapeConfigs}`).digest('hex').slice(0, 12);
  return `${HEADER}\n${global}rule_files:\n  # ${MARKER}\n  - /etc/prometheus/monitor-${hash}.*.none\n${scrapeConfigs}`;
};

const HEADER = '# Rendered by monitor from monitor.yml: edits here are lost at the next `monitor up`.\n';
const MARKER = 'Matches no file. It marks this text, so that `monitor` can tell whether it is the one loaded.';

/** These targets as entries of `scrape_configs`, one a job. `stackInterval`: what holds where a target has none. Pure. */
export const scrapeConfigsOf = (targets: readonly ScrapeTarget[], stackInterval: string) =>
  [...groupBy(targets, ({ job }) => job).values()].flatMap((ofJob) =>
    ofJob.slice(0, 1).map((first) => renderJob(first, ofJob, stackInterval)),
  );

/** As it was written, whatever Prometheus knows and this program does not. */
const passedThrough = (configs: MonitorConfig['scrape_configs']): string =>
  configs.length === 0 ? '' : libraryText(configs).replaceAll(/^(?=.)/gm, '  ');

/**
 * The line of a rendered text that Prometheus repeats in `/api/v1/status/config`, where comments are lost and all
 * else is rewritten with defaults: a rule file pattern that matches no file and is made of the text's hash.
 */
export const markerIn = (text: string): string => /monitor-[0-9a-f]{12}/.exec(text)?.[0] ?? 'monitor-none';

/**
 * The time of change (Unix seconds, from 2001 to 2010) that a rendered text is put with. It stands for the text as its
 * marker does, so a look at the file's size and time tells whether it is this text, without reading it.
 */
export const configTime = (text: string): number =>
  1e9 + (Number.parseInt(markerIn(text).slice('monitor-'.length, -5), 16) || 0);

const renderJob = (first: ScrapeTarget, targets: readonly ScrapeTarget[], stackInterval: string) => {
  const times = timesOf(first, stackInterval);
  return {
    job_name: first.job,
    scrape_interval: first.scrape_interval && times.interval,
    scrape_timeout: first.scrape_timeout && times.timeout,
    metrics_path: unless(DEFAULT_METRICS_PATH, first.metrics_path),
    scheme: unless(DEFAULT_SCHEME, first.scheme),
    fallback_scrape_protocol: fallbackOf(targets),
    static_configs: staticConfigs(first, targets, stackInterval),
  };
};

interface StaticConfig {
  readonly targets: string[];
  readonly labels?: Readonly<Record<string, string | undefined>>;
  readonly [key: string]: Data | undefined;
}

/** Neighbours with the same labels share an entry. */
const staticConfigs = (
  first: ScrapeTarget,
  targets: readonly ScrapeTarget[],
  stackInterval: string,
): StaticConfig[] => {
  const configs: StaticConfig[] = [];
  let last = '';
  for (const target of targets) {
    const labels = labelsOf(target, first, stackInterval);
    const key = JSON.stringify(labels);
    if (key === last) configs.at(-1)?.targets.push(target.address);
    else configs.push({ targets: [target.address], labels: key === '{}' ? undefined : labels });
    last = key;
  }
  return configs;
};

/** `undefined`, which is left out of the text, where a value is what holds anyway. */
const unless = (usual: string, value: string): string | undefined => (value === usual ? undefined : value);

/** A job has one for all its targets: OpenMetrics mostly reads as the older text format, and never the other way round. */
export const fallbackOf = (targets: readonly Pick<ScrapeTarget, 'fallback_scrape_protocol'>[]): string | undefined => {
  const fallbacks = targets.flatMap((t) => t.fallback_scrape_protocol ?? []);
  return fallbacks.includes(TEXT_PROTOCOL) ? TEXT_PROTOCOL : fallbacks[0];
};

const TEXT_PROTOCOL = 'PrometheusText0.0.4';

const labelsOf = (target: ScrapeTarget, first: ScrapeTarget, stackInterval: string) => {
  const times = timesOf(target, stackInterval);
  const jobTimes = timesOf(first, stackInterval);
  const isDetected = target.origin === 'detected';
  return {
    instance: unless(target.address, target.instance),
    __metrics_path__: unless(first.metrics_path, target.metrics_path),
    __scheme__: unless(first.scheme, target.scheme),
    __scrape_interval__: unless(jobTimes.interval, times.interval),
    __scrape_timeout__: unless(jobTimes.timeout, times.timeout),
    ...target.labels,
    [DETECTED_LABEL]: isDetected && target.containerId ? shortId(target.containerId) : undefined,
    [FALLBACK_LABEL]: isDetected ? target.fallback_scrape_protocol : undefined,
  };
};

/**
 * The container that answered when its target was written: what tells a target that was found, and on which container,
 * from one that monitor.yml names. It is on no series, nor part of a target's identity: Prometheus drops `__meta_*` labels
 * once relabelling is done (docs, "relabel_config").
 */
export const DETECTED_LABEL = '__meta_monitor_container';

/** The `fallback_scrape_protocol` that its answer needed: one that is scraped is not asked again, and keeps it. */
export const FALLBACK_LABEL = '__meta_monitor_fallback';

/** Prometheus's own `scrape_timeout`, where the interval is not shorter. */
const DEFAULT_TIMEOUT = '10s';

/** A target's interval and timeout. Prometheus refuses a timeout that is longer than the interval. */
const timesOf = (target: ScrapeTarget, stackInterval: string): { interval: string; timeout: string } => {
  const interval = target.scrape_interval ?? stackInterval;
  const timeout = target.scrape_timeout ?? DEFAULT_TIMEOUT;
  const fits = (parseDuration(timeout) ?? 0) <= (parseDuration(interval) ?? 0);
  return { interval, timeout: fits ? timeout : interval };
};
