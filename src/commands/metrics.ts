import type { Define } from '../cli/command.ts';
import { didYouMean } from '../config/suggest.ts';
import { MonitorError } from '../errors.ts';
import type { MetricFamily } from '../metrics/family.ts';
import { unitOf } from '../metrics/unit.ts';
import type { MetricRow, ReportOf } from '../output/report.ts';
import { gatherFamilies } from '../prometheus/metrics.ts';
import { type Deps, withSession } from '../stack/session.ts';
import { quoted } from '../words.ts';

export const command: Define = (metrics, invoke) =>
  metrics
    .argument('[job]', 'only the metrics of this job')
    .option('--search <text>', 'only metrics with this text in their name or help')
    .action(invoke(runMetrics));

/**
 * Metrics as Prometheus knows them now; of every job where none is given. `search`: a part of the name or of the help, in any
 * case. Fails with `job-not-found` where no target has that job.
 */
export const runMetrics = (
  deps: Deps,
  job: string | undefined,
  { search }: { search?: string },
): Promise<ReportOf<'metrics'>> =>
  withSession(deps, async ({ prometheus }) => {
    const [families, targets] = await Promise.all([gatherFamilies(prometheus, { job }), prometheus.targets()]);
    const known = [...new Set(targets.map((t) => t.job))].sort();
    if (job !== undefined && families.get(job)?.length === 0 && !known.includes(job)) throw unknownJob(job, known);
    const jobs = [...families].map(([name, all]) => ({
      job: name,
      metrics: all.filter((family) => matches(family, search)).map(toRow),
    }));
    return { kind: 'metrics', job, search, jobs };
  });

const unknownJob = (job: string, known: readonly string[]): MonitorError =>
  new MonitorError({
    code: 'job-not-found',
    message: `Prometheus has no job ${quoted(job)}`,
    detail: [`its jobs are ${known.join(', ')}`],
    suggestion: didYouMean(job, known),
  });

const matches = ({ name, help }: MetricFamily, search = ''): boolean =>
  [name, help].some((text) => text.toLowerCase().includes(search.toLowerCase()));

const toRow = (family: MetricFamily): MetricRow => ({
  name: family.name,
  type: family.type,
  help: family.help,
  unit: unitOf(family.name, family.unit).value,
  series: family.series,
  labels: [...family.labels].sort((a, b) => b.values - a.values).map(({ name, values }) => ({ name, values })),
  last: family.range,
});
