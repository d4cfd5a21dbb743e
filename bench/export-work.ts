import { resolve } from '../src/config/resolve.ts';
import { kubernetesExport } from '../src/export/kubernetes.ts';
import { kubernetesText } from '../src/export/kubernetes-files.ts';
import { stackInput } from '../src/export/stack-input.ts';
import { prometheusDatasource } from '../src/grafana/model.ts';

/** A stack of 100 targets and 30 dashboards, exported once by a fresh process; prints the milliseconds that it took. */

const targets = Array.from({ length: 100 }, (_, n) => `  - {address: "service-${n}:9100", labels: {team: t${n}}}`);
const config = resolve(`version: 1\ntargets:\n${targets.join('\n')}\n`, 'monitor.yml');
const panels = Array.from({ length: 24 }, (_, id) => ({
  id,
  type: 'timeseries',
  title: `Panel ${id}`,
  gridPos: { x: 0, y: id * 8, w: 12, h: 8 },
  targets: [
    { expr: `sum by (job) (rate(http_requests_total{job=~"$job"}[$__rate_interval]))`, legendFormat: '{{job}}' },
  ],
  fieldConfig: { defaults: { unit: 'reqps', custom: { lineWidth: 1, fillOpacity: 10 } }, overrides: [] },
}));
const dashboards = Array.from({ length: 30 }, (_, n) => ({ uid: `d${n}`, title: `Dashboard ${n}`, json: { panels } }));

const started = performance.now();
const input = {
  ...stackInput({ config, ready: [], unready: [], grafanaPassword: 'secret' }),
  workloads: [],
  datasource: prometheusDatasource(config.scrape_interval),
  dashboards,
  files: new Map(),
};
const text = kubernetesText(
  kubernetesExport(input, { namespace: 'monitoring', discovery: 'annotations', labels: {}, workloads: false }),
);
process.stdout.write(JSON.stringify({ ms: performance.now() - started, bytes: text.length }));
