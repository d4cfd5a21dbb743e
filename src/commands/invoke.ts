import type { Report } from '../output/report.ts';
import type { Commands } from '../program.ts';
import type { Deps } from './deps.ts';

/** What a command ends with: its report, and the exit code where that is not 0. */
export interface Outcome {
  report: Report;
  exitCode?: 0 | 3;
}

type Runner<K extends keyof Commands> = (deps: Deps, options: Commands[K]) => Promise<Outcome>;

/** Each command's code is loaded when it is called: the others cost no start-up time. */
const runners: { [K in keyof Commands]: Runner<K> } = {
  init: async (deps, options) => ({ report: await (await import('./init.ts')).runInit(deps, options) }),
  up: async (deps, options) => ({ report: await (await import('./up.ts')).runUp(deps, options) }),
  'add-target': async (deps, options) => ({
    report: await (await import('./add-target.ts')).runAddTarget(deps, options),
  }),
  'remove-target': async (deps, { address }) => ({
    report: await (await import('./remove-target.ts')).runRemoveTarget(deps, address),
  }),
  'add-exporter': async (deps, options) => ({
    report: await (await import('./add-exporter.ts')).runAddExporter(deps, options),
  }),
  'remove-exporter': async (deps, options) => ({
    report: await (await import('./remove-exporter.ts')).runRemoveExporter(deps, options),
  }),
  restart: async (deps, options) => ({ report: await (await import('./restart.ts')).runRestart(deps, options) }),
  status: async (deps) => {
    const { runStatus, statusExitCode } = await import('./status.ts');
    const report = await runStatus(deps);
    return { report, exitCode: statusExitCode(report) };
  },
  detect: async (deps) => ({ report: await (await import('./detect.ts')).runDetect(deps) }),
  explain: async (deps, options) => {
    const { runExplain, explainExitCode } = await import('./explain.ts');
    const report = await runExplain(deps, options);
    return { report, exitCode: explainExitCode(report) };
  },
  watch: async (deps) => ({ report: await (await import('./watch.ts')).runWatch(deps) }),
  render: async (deps) => ({ report: await (await import('./render.ts')).runRender(deps) }),
  query: async (deps, options) => ({ report: await (await import('./query.ts')).runQuery(deps, options) }),
  dashboards: async (deps) => ({ report: await (await import('./dashboards.ts')).runDashboards(deps) }),
  'dashboards-generate': async (deps, options) => ({
    report: await (await import('./dashboards.ts')).runDashboardsGenerate(deps, options),
  }),
  'dashboards-add': async (deps, options) => ({
    report: await (await import('./dashboards.ts')).runDashboardsAdd(deps, options),
  }),
  'dashboards-remove': async (deps, options) => ({
    report: await (await import('./dashboards.ts')).runDashboardsRemove(deps, options),
  }),
  'dashboards-pull': async (deps, options) => ({
    report: await (await import('./dashboards.ts')).runDashboardsPull(deps, options),
  }),
  'dashboards-check': async (deps, options) => {
    const { runDashboardsCheck, checkExitCode } = await import('./dashboards-check.ts');
    const report = await runDashboardsCheck(deps, options);
    return { report, exitCode: checkExitCode(report) };
  },
  metrics: async (deps, options) => ({ report: await (await import('./metrics.ts')).runMetrics(deps, options) }),
  logs: async (deps, options) => ({ report: await (await import('./logs.ts')).runLogs(deps, options) }),
  open: async (deps, { service }) => ({ report: await (await import('./open.ts')).runOpen(deps, service) }),
  password: async (deps, options) => ({ report: await (await import('./password.ts')).runPassword(deps, options) }),
  'export kubernetes': async (deps, options) => {
    const { runExportKubernetes, exportExitCode } = await import('./export.ts');
    const report = await runExportKubernetes(deps, options);
    return { report, exitCode: exportExitCode(report, options) };
  },
  'export compose': async (deps, options) => {
    const { runExportCompose, exportExitCode } = await import('./export.ts');
    const report = await runExportCompose(deps, options);
    return { report, exitCode: exportExitCode(report, options) };
  },
  completion: async (_deps, { shell }) => ({ report: await (await import('./completion.ts')).runCompletion(shell) }),
  down: async (deps, options) => ({ report: await (await import('./down.ts')).runDown(deps, options) }),
};

export const runCommand = <K extends keyof Commands>(
  command: K,
  deps: Deps,
  options: Commands[K],
): Promise<Outcome> => {
  const runner: Runner<K> = runners[command];
  return runner(deps, options);
};
