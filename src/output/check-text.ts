import { lines, noticeLines } from './lines.ts';
import type { CheckedDashboard, DashboardCheckReport } from './report.ts';
import type { Style } from './style.ts';

/** A line for each dashboard, and for each panel without data with its causes. Pure. */
export const checkText = ({ dashboards, notices }: DashboardCheckReport, style: Style): string =>
  lines(
    dashboards.length === 0 ? 'Grafana has no dashboards in the folder Monitor.' : '',
    ...dashboards.map((dashboard) => dashboardText(dashboard, style)),
    noticeLines(notices, style),
  );

const dashboardText = ({ title, file, uid, panels }: CheckedDashboard, style: Style): string => {
  const empty = panels.filter(({ state }) => state === 'empty');
  const checked = panels.filter(({ state }) => state !== 'other').length;
  const mark = empty.length === 0 ? style.good('✔') : style.bad('✘');
  const skipped = panels.length - checked;
  const more = skipped === 0 ? '' : `; ${skipped} with another datasource not checked`;
  return lines(
    `${mark} ${style.strong(title)} ${style.faint(`(${file ?? uid})`)}: ${checked - empty.length} of ${checked} panels have data${more}`,
    ...empty.flatMap((panel) => [
      `  ${style.bad('✘')} ${panel.title}`,
      ...panel.causes.flatMap(({ message, query, place = [query] }) => [
        `    ${message}`,
        ...place.map((line) => (line === '' ? '' : style.faint(`    ${line}`))),
      ]),
    ]),
  );
};
