import type { DesiredDashboards, Problem } from '../grafana/dashboard-model.ts';
import { type ImportTarget, importDashboards, withGenerated } from './import.ts';
import type { Dashboard } from './model.ts';
import type { ReadDashboards } from './sources.ts';

export interface DesiredWithProblems {
  desired: DesiredDashboards;
  /** Files that cannot be provisioned: the command ends with 1, and the rest is provisioned. */
  problems: Problem[];
  notices: string[];
}

/** What Grafana is to have: the user's dashboards and the generated ones, but for those that a file replaces. Pure. */
export function desiredDashboards(
  read: ReadDashboards,
  target: ImportTarget,
  generated: readonly Dashboard[],
): DesiredWithProblems {
  const imported = importDashboards(read.files, target);
  const problems = [...read.problems, ...imported.problems];
  return {
    desired: {
      dashboards: withGenerated(imported.dashboards, generated),
      unread: problems.map(({ source }) => source),
    },
    problems,
    notices: [...read.notices, ...imported.notices],
  };
}
