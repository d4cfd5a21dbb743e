import type { MonitorConfig } from './model.ts';

export const DEFAULT_NAME = 'monitoring';
export const DEFAULT_METRICS_PATH = '/metrics';
export const DEFAULT_SCHEME = 'http';

/** What the default names of a stack's things begin with. */
export const prefixOf = (name: string): string => (name === DEFAULT_NAME ? '' : `${name}-`);

/**
 * The default of every key. The names of a stack with another name than the default one have it as a prefix
 * (`shop-prometheus`), so that two stacks can run side by side.
 */
export function defaultsFor(
  name: string,
): Omit<MonitorConfig, 'targets' | 'exporters' | 'scrape_configs' | 'dashboards'> {
  const prefix = prefixOf(name);
  return {
    name,
    scrape_interval: '15s',
    bind: '127.0.0.1',
    network: `${prefix}monitoring`,
    prometheus: {
      image: 'prom/prometheus:v3.13.2',
      container: `${prefix}prometheus`,
      volume: `${prefix}prometheus-data`,
      port: 9090,
      retention: { time: '15d' },
    },
    grafana: {
      image: 'grafana/grafana:13.2.3',
      container: `${prefix}grafana`,
      volume: `${prefix}grafana-data`,
      port: 3000,
      admin_user: 'admin',
    },
    detect: { enabled: true },
  };
}
