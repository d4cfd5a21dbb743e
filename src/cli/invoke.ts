import type { Report } from '../output/report.ts';
import type { Deps } from '../stack/session.ts';
import type { Commands } from './program.ts';

/** What a command ends with: its report, and the exit code where that is not 0. */
export interface Outcome {
  report: Report;
  exitCode?: 0 | 1 | 3;
}

type Runner<K extends keyof Commands> = (deps: Deps, options: Commands[K]) => Promise<Outcome>;

/** Each command's code is loaded when it is called: the others cost no start-up time. */
const runners: { [K in keyof Commands]: Runner<K> } = {
  init: async (deps, options) => ({ report: await (await import('../commands/init.ts')).runInit(deps, options) }),
  up: async (deps, options) => {
    const { runUp, upExitCode } = await import('../commands/up.ts');
    const report = await runUp(deps, options);
    return { report, exitCode: upExitCode(report) };
  },
  'add-target': async (deps, options) => ({
    report: await (await import('../commands/add-target.ts')).runAddTarget(deps, options),
  }),
  'remove-target': async (deps, { address }) => ({
    report: await (await import('../commands/remove-target.ts')).runRemoveTarget(deps, address),
  }),
  'add-exporter': async (deps, options) => ({
    report: await (await import('../commands/add-exporter.ts')).runAddExporter(deps, options),
  }),
  'remove-exporter': async (deps, options) => ({
    report: await (await import('../commands/remove-exporter.ts')).runRemoveExporter(deps, options),
  }),
  restart: async (deps, options) => {
    const report = await (await import('../commands/restart.ts')).runRestart(deps, options);
    return { report, exitCode: report.problems.length > 0 ? 1 : 0 };
  },
  status: async (deps) => {
    const { runStatus, statusExitCode } = await import('../commands/status.ts');
    const report = await runStatus(deps);
    return { report, exitCode: statusExitCode(report) };
  },
  detect: async (deps) => ({ report: await (await import('../commands/detect.ts')).runDetect(deps) }),
  explain: async (deps, options) => {
    const { runExplain, explainExitCode } = await import('../commands/explain.ts');
    const report = await runExplain(deps, options);
    return { report, exitCode: explainExitCode(report) };
  },
  watch: async (deps) => ({ report: await (await import('../commands/watch.ts')).runWatch(deps) }),
  render: async (deps) => ({ report: await (await import('../commands/render.ts')).runRender(deps) }),
  query: async (deps, options) => ({ report: await (await import('../commands/query.ts')).runQuery(deps, options) }),
  dashboards: async (deps) => ({ report: await (await import('../commands/dashboards.ts')).runDashboards(deps) }),
  'dashboards-generate': async (deps, options) => ({
    report: await (await import('../commands/dashboards.ts')).runDashboardsGenerate(deps, options),
  }),
  'dashboards-add': async (deps, options) => ({
    report: await (await import('../commands/dashboards.ts')).runDashboardsAdd(deps, options),
  }),
  'dashboards-remove': async (deps, options) => ({
    report: await (await import('../commands/dashboards.ts')).runDashboardsRemove(deps, options),
  }),
  'dashboards-pull': async (deps, options) => ({
    report: await (await import('../commands/dashboards.ts')).runDashboardsPull(deps, options),
  }),
  'dashboards-check': async (deps, options) => {
    const { runDashboardsCheck, checkExitCode } = await import('../commands/dashboards-check.ts');
    const report = await runDashboardsCheck(deps, options);
    return { report, exitCode: checkExitCode(report) };
  },
  metrics: async (deps, options) => ({
    report: await (await import('../commands/metrics.ts')).runMetrics(deps, options),
  }),
  logs: async (deps, options) => ({ report: await (await import('../commands/logs.ts')).runLogs(deps, options) }),
  open: async (deps, { service }) => ({ report: await (await import('../commands/open.ts')).runOpen(deps, service) }),
  password: async (deps, options) => ({
    report: await (await import('../commands/password.ts')).runPassword(deps, options),
  }),
  'export kubernetes': async (deps, options) => {
    const { exportExitCode, runExportKubernetes } = await import('../commands/export-kubernetes.ts');
    const report = await runExportKubernetes(deps, options);
    return { report, exitCode: exportExitCode(report, options) };
  },
  'export compose': async (deps, options) => {
    const { exportExitCode, runExportCompose } = await import('../commands/export-compose.ts');
    const report = await runExportCompose(deps, options);
    return { report, exitCode: exportExitCode(report, options) };
  },
  completion: async (_deps, { shell }) => ({
    report: await (await import('../commands/completion.ts')).runCompletion(shell),
  }),
  down: async (deps, options) => ({ report: await (await import('../commands/down.ts')).runDown(deps, options) }),
};

export const runCommand = <K extends keyof Commands>(
  command: K,
  deps: Deps,
  options: Commands[K],
): Promise<Outcome> => {
  const runner: Runner<K> = runners[command];
  return runner(deps, options);
};
