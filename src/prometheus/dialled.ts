import type { ScrapeConfig } from '../config/model.ts';
import { isRecord } from '../config/words.ts';

/**
 * The hosts that Prometheus dials for passed-through jobs beside their static targets as they stand: what relabelling makes
 * of these, and those of URLs (`http_sd_configs`, `proxy_url`, `token_url`). Pure.
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

const relabelledHosts = (config: ScrapeConfig): string[] => {
  const steps: unknown = config['relabel_configs'];
  if (!Array.isArray(steps)) return [];
  return staticLabels(config).flatMap((labels) => {
    const made: Record<string, string> = { ...labels };
    for (const step of steps) if (isRecord(step)) relabel(made, step);
    const address = made['__address__'] ?? '';
    return address === labels['__address__'] ? [] : [address.replace(/:\d+$/, '')];
  });
};

const staticLabels = (config: ScrapeConfig): Record<string, string>[] => {
  const groups: unknown = config['static_configs'];
  if (!Array.isArray(groups)) return [];
  return groups.flatMap((group: unknown) => {
    const { targets, labels } = isRecord(group) ? group : {};
    if (!Array.isArray(targets)) return [];
    const more = isRecord(labels) ? Object.entries(labels).map(([name, value]) => [name, `${value}`]) : [];
    return targets.map((target) => ({ job: config.job_name, ...Object.fromEntries(more), __address__: `${target}` }));
  });
};

/** The action `replace`, which alone makes addresses. Source: Prometheus's model/relabel/relabel.go. */
const relabel = (labels: Record<string, string>, step: Record<string, unknown>): void => {
  const { source_labels: sources, separator = ';', regex = '(.*)', replacement = '$1', target_label: target } = step;
  if (![undefined, 'replace'].includes(textOf(step['action'])) || typeof target !== 'string') return;
  const names: unknown[] = Array.isArray(sources) ? sources : [];
  const value = names.map((name) => labels[`${name}`] ?? '').join(`${separator}`);
  const match = matchOf(`${regex}`, value);
  if (match === undefined) return;
  labels[target] = `${replacement}`.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, plain?: string) => {
    const name = braced ?? plain ?? '';
    return match[Number(name)] ?? match.groups?.[name] ?? '';
  });
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Go's expressions are as JavaScript's, but for the way in which groups are named. */
const matchOf = (regex: string, value: string): RegExpExecArray | undefined => {
  try {
    return new RegExp(`^(?:${regex.replaceAll('(?P<', '(?<')})$`, 's').exec(value) ?? undefined;
  } catch {
    return undefined;
  }
};
