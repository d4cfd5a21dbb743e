import type { ReportOf } from '../../src/output/report.ts';

/** Its operations but those on dashboards, which an `up` completes while a young stack gets its first samples. */
export const besidesDashboards = ({ operations }: ReportOf<'up'> | ReportOf<'plan'>): ReportOf<'up'>['operations'] =>
  operations.filter(({ resource }) => !/^(Dashboard|Folder) /.test(resource));
