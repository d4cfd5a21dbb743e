import { jobDraft } from '../src/dashboards/job.ts';
import { familiesOf } from '../src/metrics/families.ts';
import type { InstantSample } from '../src/metrics/family.ts';
import { chart, type Point } from '../src/output/chart/chart.ts';

/** In a fresh process, once: 300 families to a dashboard, and a chart of 5 series with 240 points. Prints milliseconds. */

const own = { job: 'shop', instance: 'shop:9100' };
const names = Array.from({ length: 100 }, (_, n) => n);
const metadata = names.flatMap((n) => [
  { metric: `shop_orders_${n}_total`, type: 'counter', help: `Orders ${n}`, unit: '' },
  { metric: `shop_queue_${n}_bytes`, type: 'gauge', help: `Queue ${n}`, unit: '' },
  { metric: `shop_latency_${n}_seconds`, type: 'histogram', help: `Latency ${n}`, unit: '' },
]);
const sample = (__name__: string, labels: Readonly<Record<string, string>> = {}, value = 1): InstantSample => ({
  labels: { __name__, ...labels, ...own },
  value,
});
const samples = names.flatMap((n) => [
  ...['a', 'b', 'c'].map((kind) => sample(`shop_orders_${n}_total`, { kind })),
  sample(`shop_queue_${n}_bytes`, {}, 4096),
  ...['0.1', '0.5', '1.0', '+Inf'].map((le) => sample(`shop_latency_${n}_seconds_bucket`, { le })),
  sample(`shop_latency_${n}_seconds_count`),
  sample(`shop_latency_${n}_seconds_sum`),
]);

const timed = (work: () => string): number => {
  const started = performance.now();
  work();
  return performance.now() - started;
};

const dashboard = timed(() => {
  const families = familiesOf(samples, metadata);
  const options = { stack: 'bench', version: { major: 12 }, ours: { uid: 'prometheus', name: 'Prometheus' } };
  return JSON.stringify(jobDraft({ job: 'shop', families }, options).dashboard(() => true));
});

const series = Array.from({ length: 5 }, (_, s) =>
  Array.from({ length: 240 }, (_, i): Point => [i * 15, s + Math.sin(i / 10 + s)]),
);
const drawn = timed(() =>
  chart(series, { start: 0, end: 240 * 15, step: 15, unit: 's', columns: 120, rows: 16, unicode: true }),
);
process.stdout.write(JSON.stringify({ dashboard, drawn }));
