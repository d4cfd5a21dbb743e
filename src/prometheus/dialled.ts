import { DEFAULT_METRICS_PATH } from '../config/defaults.ts';
import type { ScrapeConfig } from '../config/model.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { asRecord, isRecord, list } from '../json.ts';

/** What Prometheus dials for scrape configs that are passed through as they are written. All of it is pure. */

/** The targets in `static_configs`, each with the labels of its group. */
export const staticEntries = ({ static_configs }: ScrapeConfig): { address: string; labels: Labels }[] =>
  list(static_configs).flatMap((group) => {
    const { targets, labels } = asRecord(group);
    const texts = Object.fromEntries(Object.entries(asRecord(labels)).map(([name, value]) => [name, `${value}`]));
    return list(targets).map((target) => ({ address: `${target}`, labels: texts }));
  });

type Labels = Record<string, string>;

/** A static target in a passed-through scrape config. */
export interface StaticTarget extends Pick<ScrapeTarget, 'job' | 'address' | 'metrics_path'> {
  /** Relabelling puts another address in its place (a probe's: the target is what the exporter asks). */
  isRelabelled: boolean;
}

/** Those that are written; what else a scrape config finds, Prometheus finds by itself. */
export const staticTargets = (configs: readonly ScrapeConfig[]): StaticTarget[] =>
  configs.flatMap((config) => {
    const { job_name: job, metrics_path: path, relabel_configs } = config;
    const metrics_path = typeof path === 'string' ? path : DEFAULT_METRICS_PATH;
    const isRelabelled = list(relabel_configs).some((step) => asRecord(step)['target_label'] === '__address__');
    const addresses = staticEntries(config).map(({ address }) => address);
    return addresses.filter((a) => a.includes(':')).map((address) => ({ job, address, metrics_path, isRelabelled }));
  });

/**
 * The hosts that are dialled beside the static targets as they stand: what relabelling makes of these, and those of URLs
 * (`http_sd_configs`, `proxy_url`, `token_url`).
 */
export const dialledHosts = (configs: readonly ScrapeConfig[]): string[] => [
  ...new Set(configs.flatMap((config) => [...relabelledHosts(config), ...urlHosts({ ...config, static_configs: [] })])),
];

const urlHosts = (value: unknown): string[] => {
  if (typeof value === 'string')
    return /^[a-z]+:\/\//.test(value) && URL.canParse(value) ? [new URL(value).hostname] : [];
  const inner = Array.isArray(value) ? value : isRecord(value) ? Object.values(value) : [];
  return inner.flatMap(urlHosts);
};

const relabelledHosts = (config: ScrapeConfig): string[] =>
  staticEntries(config).flatMap(({ address: __address__, labels }) => {
    const made: Labels = { job: config.job_name, ...labels, __address__ };
    for (const step of list(config['relabel_configs'])) relabel(made, asRecord(step));
    const address = made['__address__'] ?? '';
    return address === __address__ ? [] : [address.replace(/:\d+$/, '')];
  });

/** The action `replace`, which alone makes addresses. Source: Prometheus's model/relabel/relabel.go. */
const relabel = (labels: Labels, step: Record<string, unknown>): void => {
  const { action = 'replace', separator = ';', regex = '(.*)', replacement = '$1', target_label: target } = step;
  if (action !== 'replace' || typeof target !== 'string') return;
  const value = list(step['source_labels']).map((name) => labels[`${name}`] ?? '');
  const match = matchOf(`${regex}`, value.join(`${separator}`));
  if (match === undefined) return;
  labels[target] = `${replacement}`.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) => {
    const name = braced ?? plain ?? '';
    return match[Number(name)] ?? match.groups?.[name] ?? '';
  });
};

/** Go's expressions are as JavaScript's, but for the way in which groups are named. */
const matchOf = (regex: string, value: string): RegExpExecArray | undefined => {
  try {
    return new RegExp(`^(?:${regex.replaceAll('(?P<', '(?<')})$`, 's').exec(value) ?? undefined;
  } catch {
    return undefined;
  }
};
