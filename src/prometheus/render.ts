import { createHash } from 'node:crypto';
import type { MonitorConfig } from '../config/model.ts';
import { parseDuration } from '../config/values.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { shortId } from '../docker/engine.ts';
import { blockText, libraryText } from './yaml-text.ts';

/** Prometheus's own default, which is left out of the rendered file. */
const DEFAULT_METRICS_PATH = '/metrics';

/**
 * prometheus.yml for these targets: the same text for the same input, byte for byte. Pure.
 * Targets of one job become one scrape config; where they differ in path, scheme or interval, the job takes the
 * first one's and the others carry theirs as `__metrics_path__` and so on, which Prometheus reads as target labels.
 */
export const renderPrometheusConfig = (config: MonitorConfig, targets: readonly ScrapeTarget[]): string => {
  const own = scrapeConfigsOf(targets, config.scrape_interval);
  const global = blockText({ global: { scrape_interval: config.scrape_interval } });
  const configs = `${blockText(own, '  ')}${passedThrough(config.scrape_configs)}`;
  const scrapeConfigs = configs === '' ? 'scrape_configs: []\n' : `scrape_configs:\n${configs}`;
  return `${HEADER}\n${global}${markerLines(`${global}${scrapeConfigs}`)}${scrapeConfigs}`;
};

/** These targets as entries of `scrape_configs`, one a job. `stackInterval`: what holds where a target has none. Pure. */
export const scrapeConfigsOf = (targets: readonly ScrapeTarget[], stackInterval: string) =>
  byJob(targets).map((job) => renderJob(job, stackInterval));

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

const markerLines = (text: string): string =>
  `rule_files:\n  # ${MARKER_COMMENT}\n  - /etc/prometheus/monitor-${hashOfText(text)}.*.none\n`;

const hashOfText = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

const HEADER = '# Rendered by monitor from monitor.yml: edits here are lost at the next `monitor up`.\n';
const MARKER_COMMENT = 'Matches no file. It marks this text, so that `monitor` can tell whether it is the one loaded.';

const byJob = (targets: readonly ScrapeTarget[]): [ScrapeTarget, ...ScrapeTarget[]][] => {
  const jobs = new Map<string, [ScrapeTarget, ...ScrapeTarget[]]>();
  for (const target of targets) {
    const known = jobs.get(target.job);
    if (known === undefined) jobs.set(target.job, [target]);
    else known.push(target);
  }
  return [...jobs.values()];
};

const renderJob = (targets: [ScrapeTarget, ...ScrapeTarget[]], stackInterval: string) => {
  const [first] = targets;
  const times = timesOf(first, stackInterval);
  const fallback = fallbackOf(targets);
  return {
    job_name: first.job,
    ...(first.scrape_interval === undefined ? {} : { scrape_interval: times.interval }),
    ...(first.scrape_timeout === undefined ? {} : { scrape_timeout: times.timeout }),
    ...(first.metrics_path === DEFAULT_METRICS_PATH ? {} : { metrics_path: first.metrics_path }),
    ...(first.scheme === 'http' ? {} : { scheme: first.scheme }),
    ...(fallback === undefined ? {} : { fallback_scrape_protocol: fallback }),
    static_configs: mergeEqualLabels(
      targets.map((t) => ({ address: t.address, labels: labelsOf(t, first, stackInterval) })),
    ),
  };
};

/** A job has one for all its targets: OpenMetrics mostly reads as the older text format, and never the other way round. */
export const fallbackOf = (targets: readonly Pick<ScrapeTarget, 'fallback_scrape_protocol'>[]): string | undefined => {
  const fallbacks = targets.flatMap((t) => t.fallback_scrape_protocol ?? []);
  return fallbacks.includes(TEXT_PROTOCOL) ? TEXT_PROTOCOL : fallbacks[0];
};

const TEXT_PROTOCOL = 'PrometheusText0.0.4';

const labelsOf = (target: ScrapeTarget, first: ScrapeTarget, stackInterval: string): Record<string, string> => {
  const times = timesOf(target, stackInterval);
  const jobTimes = timesOf(first, stackInterval);
  return {
    ...(target.instance === target.address ? {} : { instance: target.instance }),
    ...(target.metrics_path === first.metrics_path ? {} : { __metrics_path__: target.metrics_path }),
    ...(target.scheme === first.scheme ? {} : { __scheme__: target.scheme }),
    ...(times.interval === jobTimes.interval ? {} : { __scrape_interval__: times.interval }),
    ...(times.timeout === jobTimes.timeout ? {} : { __scrape_timeout__: times.timeout }),
    ...target.labels,
    ...(target.origin === 'detected' && target.containerId !== undefined
      ? { [DETECTED_LABEL]: shortId(target.containerId) }
      : {}),
    ...(target.origin === 'detected' && target.fallback_scrape_protocol !== undefined
      ? { [FALLBACK_LABEL]: target.fallback_scrape_protocol }
      : {}),
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

/** Neighbours with the same labels share an entry. */
const mergeEqualLabels = (
  targets: readonly { address: string; labels: Record<string, string> }[],
): { targets: string[]; labels?: Record<string, string> }[] => {
  const groups: { key: string; targets: string[]; labels: Record<string, string> }[] = [];
  for (const { address, labels } of targets) {
    const key = JSON.stringify(labels);
    const last = groups.at(-1);
    if (last?.key === key) last.targets.push(address);
    else groups.push({ key, targets: [address], labels });
  }
  return groups.map(({ targets, labels }) => (Object.keys(labels).length === 0 ? { targets } : { targets, labels }));
};
