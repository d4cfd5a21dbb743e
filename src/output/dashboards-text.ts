import { changeLine, lines, noticeLines, problemLines } from './lines.ts';
import type { DashboardPullReport, DashboardRow, DashboardSourceReport, DashboardsReport } from './report.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** A table of the dashboards, and what is wrong with files of others. Pure. */
export const dashboardsText = ({ dashboards, problems, notices }: DashboardsReport, style: Style): string => {
  const rows = dashboards.map((row) => [
    row.uid,
    row.title,
    STATES[row.state],
    panelsText(row),
    row.source,
    row.url ?? '-',
  ]);
  return lines(
    table(['UID', 'TITLE', 'STATE', 'PANELS', 'SOURCE', 'URL'], rows) || 'No dashboards.',
    problemLines(problems, style),
    noticeLines(notices, style),
  );
};

const STATES: Record<DashboardRow['state'], string> = {
  current: 'up to date',
  missing: 'not in Grafana',
  outdated: 'outdated',
  edited: 'edited in Grafana',
  left: 'not in use',
};

const panelsText = ({ panels }: DashboardRow): string => {
  if (panels === undefined) return '-';
  const all = `${panels.withData + panels.empty}`;
  return panels.empty === 0 ? all : `${all} (${panels.empty} without data)`;
};

export const dashboardPullText = ({ pulled, problems }: DashboardPullReport, style: Style): string =>
  lines(
    ...pulled.map(
      ({ title, file, added }) => `${style.good('✔')} wrote ${file} (${title})${added ? ', added to monitor.yml' : ''}`,
    ),
    pulled.length === 0 && problems.length === 0 ? 'No dashboard was edited in Grafana.' : '',
    problemLines(problems, style),
  );

export const dashboardSourceText = (report: DashboardSourceReport, style: Style): string => {
  const { source, applied, operations, notices, problems } = report;
  return lines(
    changeLine(source, report, style),
    ...operations.map(({ operation }) => `  ${operation}`),
    applied ? '' : `Next: ${style.strong('monitor up')}`,
    noticeLines(notices, style),
    problemLines(problems, style),
  );
};
