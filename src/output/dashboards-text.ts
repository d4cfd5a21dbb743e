import type { CheckedPanel } from '../dashboards/check/check.ts';
import { editText, lines, noticeLines, problemLines, wroteLine } from './lines.ts';
import type { CheckedDashboard, DashboardRow, ReportOf } from './report.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** A table of the dashboards, and what is wrong with other files. Pure. */
export const dashboardsText = ({ dashboards, problems, notices }: ReportOf<'dashboards'>, style: Style): string => {
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

export const dashboardPullText = ({ pulled, problems }: ReportOf<'dashboards-pull'>, style: Style): string =>
  lines(
    ...pulled.map(({ title, file, added }) =>
      wroteLine(`${file} (${title})${added ? ', added to monitor.yml' : ''}`, style),
    ),
    pulled.length === 0 && problems.length === 0 ? 'No dashboard was edited in Grafana.' : '',
    problemLines(problems, style),
  );

export const dashboardSourceText = (report: ReportOf<'dashboards-add' | 'dashboards-remove'>, style: Style): string =>
  lines(editText(report.source, report, style), problemLines(report.problems, style));

/** A line for each dashboard, and for each panel without data with its causes. Pure. */
export const checkText = ({ dashboards, notices }: ReportOf<'dashboards-check'>, style: Style): string =>
  lines(
    dashboards.length === 0 ? 'Grafana has no dashboards in the folder Monitor.' : '',
    ...dashboards.map((dashboard) => checkedText(dashboard, style)),
    noticeLines(notices, style),
  );

const checkedText = ({ title, file, uid, panels }: CheckedDashboard, style: Style): string => {
  const empty = panels.filter(({ state }) => state === 'empty');
  const checked = panels.filter(({ state }) => state !== 'other').length;
  const mark = empty.length === 0 ? style.good('✔') : style.bad('✘');
  const skipped = panels.length - checked;
  const more = skipped === 0 ? '' : `; ${skipped} not checked (another datasource)`;
  return lines(
    `${mark} ${style.strong(title)} ${style.faint(`(${file ?? uid})`)}: ${checked - empty.length} of ${checked} panels have data${more}`,
    ...empty.map((panel) => emptyPanelText(panel, style)),
  );
};

const emptyPanelText = ({ title, causes }: CheckedPanel, style: Style): string =>
  lines(
    `  ${style.bad('✘')} ${title}`,
    ...causes.flatMap(({ message, query, place = [query] }) => [
      `    ${message}`,
      ...place.filter((line) => line !== '').map((line) => style.faint(`    ${line}`)),
    ]),
  );
