import { join, resolve } from 'node:path';
import type { Define } from '../cli/command.ts';
import { didYouMean } from '../config/suggest.ts';
import { writeFileAtomically } from '../config/write.ts';
import { generatedDashboards } from '../dashboards/generated.ts';
import { jobDashboardUid } from '../dashboards/uid.ts';
import { MonitorError } from '../errors.ts';
import { writeFolder } from '../export/write-folder.ts';
import { dashboardText } from '../grafana/dashboard-content.ts';
import { prometheusDatasource } from '../grafana/model.ts';
import { parseVersion } from '../grafana/version.ts';
import type { ReportOf } from '../output/report.ts';
import { gatherFamilies } from '../prometheus/metrics.ts';
import { slowJobs } from '../stack/dashboards.ts';
import { type Deps, withSession } from '../stack/session.ts';

export const command: Define = (generate, invoke) =>
  generate
    .argument('[job]', 'only the dashboard of this job')
    .option('--out <file>', 'write it to this file; without a job, all of them to this folder')
    .action(invoke(runDashboardsGenerate));

/** Prints the generated dashboards of all jobs or of one as files have them, or writes them to the file `out`, a folder for several. */
export const runDashboardsGenerate = (
  deps: Deps,
  job: string | undefined,
  { out }: { out?: string },
): Promise<ReportOf<'text' | 'written'>> =>
  withSession(deps, async (session) => {
    const version = parseVersion((await session.grafanaHealth())?.version ?? '');
    const { prometheus, loaded } = session;
    const { name: stack, scrape_interval } = loaded.config;
    const slow = slowJobs(await prometheus.targets(), scrape_interval);
    const options = { stack, version, ours: prometheusDatasource(scrape_interval), slow };
    const families = await gatherFamilies(prometheus);
    const written = await generatedDashboards(prometheus, families, options);
    const generated = written.map(({ dashboard }) => dashboard);
    const chosen =
      job === undefined ? generated : generated.filter(({ uid }) => uid === job || uid === jobDashboardUid(job));
    const uids = generated.map(({ uid }) => uid);
    if (chosen.length === 0) throw unknownJob(job, uids, [...families.keys()]);
    const texts = chosen.map((dashboard) => dashboardText(dashboard.uid, { ...dashboard }));
    if (out === undefined) return { kind: 'text', text: job === undefined ? `[${texts.join(',')}]\n` : texts.join('') };
    const path = resolve(deps.cwd, out);
    if (job !== undefined) {
      await writeFileAtomically(path, texts.join(''));
      return { kind: 'written', paths: [path] };
    }
    const files = chosen.map(({ uid }, n) => ({ path: `${uid}.json`, text: texts[n] ?? '' }));
    await writeFolder(path, files);
    return { kind: 'written', paths: files.map((file) => join(path, file.path)) };
  });

const unknownJob = (job: string | undefined, uids: readonly string[], jobs: readonly string[]): MonitorError =>
  new MonitorError({
    code: 'job-not-found',
    message:
      job === undefined ? 'There are no dashboards to generate yet' : `No dashboard is generated for the job "${job}"`,
    detail: jobs.length === 0 ? [] : [`jobs with metrics: ${jobs.join(', ')}`],
    suggestion: didYouMean(job ?? '', [...jobs, ...uids]) ?? '`monitor status` shows the jobs and whether they are up',
  });
