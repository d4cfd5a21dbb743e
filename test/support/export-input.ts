import type { MonitorConfig } from '../../src/config/model.ts';
import { type ExportInput, stackInput } from '../../src/export/stack-input.ts';
import { prometheusDatasource } from '../../src/grafana/model.ts';
import { config } from './observed.ts';

/** What an export is made from, where every exporter has a user and a password. */
export const exportInput = (wanted: MonitorConfig, changes: Partial<ExportInput> = {}): ExportInput => ({
  ...stackInput({
    config: wanted,
    ready: wanted.exporters.map((e) => ({
      config: e,
      values: { user: 'monitor', password: 'pa$$(HOME)w', database: 'shop' },
      revision: 'r1',
    })),
    unready: [],
    grafanaPassword: 'secret',
  }),
  workloads: [],
  datasource: prometheusDatasource(wanted.scrape_interval),
  dashboards: [],
  files: new Map(),
  ...changes,
});

export const inputFrom = (...lines: string[]): ExportInput => exportInput(config(...lines));

/** A container that detection found. */
export const workload = (
  container: string,
  port: number,
  changes: Partial<ExportInput['workloads'][number]['endpoints'][number]> = {},
): ExportInput['workloads'][number] => ({
  container,
  image: `${container}:1`,
  ports: [port],
  endpoints: [
    {
      job: container,
      instance: `${container}:${port}`,
      metrics_path: '/metrics',
      scheme: 'http',
      labels: { container },
      ...changes,
    },
  ],
});
