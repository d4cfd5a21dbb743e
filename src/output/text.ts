import type { StackUrls } from '../stack/urls.ts';
import { plural } from '../words.ts';
import { checkText, dashboardPullText, dashboardSourceText, dashboardsText } from './dashboards-text.ts';
import { exportText } from './export-text.ts';
import { answerLine, editText, lines, noticeLines, problemLines, wroteLine } from './lines.ts';
import { metricsText } from './metrics-text.ts';
import { queryText } from './query-text.ts';
import type { ExplainedRow, Report, ReportOf, TargetRow } from './report.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** A report as a person reads it: lines for stdout, the last without a line end. Empty where there is nothing to print. */
export const reportText = <K extends Report['kind']>(report: Report & { kind: K }, style: Style, now: Date): string => {
  const kind: K = report.kind;
  return TEXTS[kind](report, style, now);
};

type Texts = { [K in Report['kind']]: (report: Report & { kind: K }, style: Style, now: Date) => string };

/** A block with an empty line above it. */
const below = (block: string): string => (block === '' ? '' : `\n${block}`);

const initText = (report: ReportOf<'init'>, style: Style): string =>
  lines(
    ...report.files.map((file) => wroteLine(file, style)),
    ...report.kept.map((file) => `${style.good('✔')} kept ${file}`),
    noticeLines(report.notices, style),
    foundLines(report),
    `Next: ${style.strong('monitor up')}`,
  );

/** `monitor detect` lists all. */
const MOST_FOUND = 12;

const foundLines = ({ found }: ReportOf<'init'>): string => {
  if (found.length === 0) return '';
  const rows = found
    .slice(0, MOST_FOUND)
    .map((row) => `  ${row.container}:${row.port}${row.metrics_path} (${row.reason})`);
  const more = found.length > MOST_FOUND ? `  and ${found.length - MOST_FOUND} more: monitor detect` : '';
  return lines('`monitor up` will ask for metrics:', ...rows, more);
};

const planText = (report: ReportOf<'plan'>, style: Style): string =>
  lines(
    report.operations.length === 0
      ? `The stack "${report.stack}" is up to date.`
      : `\`monitor up\` would change the stack "${report.stack}":`,
    ...report.operations.map((o) => `  ${o.operation} ${style.faint(`(${o.cause})`)}`),
    ...report.targets.map((t) => `  ${t.change} target ${withPath(t.instance, t.metrics_path)} (job ${t.job})`),
    noticeLines(report.notices, style),
    problemLines(report.problems, style),
    style.faint('Nothing was changed.'),
  );

const urlLines = ({ prometheus, grafana, forward }: StackUrls): string =>
  lines(
    `  Prometheus  ${prometheus}`,
    `  Grafana     ${grafana} (\`monitor password\` prints the login)`,
    forward && `  Forwarding  the ports are on the engine's machine; \`${forward}\` makes them reachable here`,
  );

const upText = (report: ReportOf<'up' | 'restart'>, style: Style, now: Date): string =>
  lines(
    headline(report, style),
    urlLines(report.urls),
    datasourceLine(report, style),
    noticeLines(report.notices, style),
    below(targetTable(report, style, now)),
    failedLines(report, style),
  );

/** Each dashboard that could not be written, each target that `up --wait` did not see up, and the command that explains it. */
export const failedLines = ({ targets, waited, problems }: ReportOf<'up' | 'restart'>, style: Style): string =>
  lines(
    problemLines(problems, style),
    ...(waited === true ? targets : []).map((t) => {
      if (t.health === 'up' || t.health === 'none') return '';
      const why = t.health === 'down' ? `is down: ${t.cause ?? t.error}` : 'was not scraped within the --timeout';
      return lines(
        `${style.bad('✘')} Target ${placeOf(t.instance, t.url)} ${why}`,
        `${style.strong('→')} \`monitor explain ${t.instance}\``,
      );
    }),
  );

const headline = (report: ReportOf<'up' | 'restart'>, style: Style): string => {
  const mark = style.good('✔');
  if (report.problems.length > 0)
    return `${style.warn('!')} The stack "${report.stack}" is up, but not all of its dashboards could be written`;
  if (report.kind === 'restart') return `${mark} ${restartedWords(report)} "${report.stack}" was restarted`;
  return `${mark} The stack "${report.stack}" is up${report.changed ? '' : '; nothing to change'}`;
};

const restartedWords = ({ restarted = [] }: ReportOf<'up' | 'restart'>): string =>
  restarted.length === 1 ? `${restarted[0] === 'grafana' ? 'Grafana' : 'Prometheus'} of the stack` : 'The stack';

const datasourceLine = ({ datasource: { name, ok, message } }: ReportOf<'up' | 'restart'>, style: Style): string =>
  `  Datasource  ${ok ? `${name}: ${message || 'answers'}` : style.bad(`${name}: ${message}`)}`;

const targetText = (report: ReportOf<'add-target' | 'remove-target'>, style: Style): string =>
  editText(report.address, report, style, {
    detail: jobWords(report) + changeWords(report),
    more: report.answer && answerLine(report.address, report.answer, style),
  });

const jobWords = ({ job, instance }: { job?: string; instance?: string }): string =>
  job === undefined ? '' : ` (job ${job}${instance === undefined ? '' : `, instance ${instance}`})`;

/** `: metrics_path /metrics → /other` */
const changeWords = ({ changes = [] }: ReportOf<'add-target' | 'remove-target'>): string =>
  changes.length === 0
    ? ''
    : `: ${changes.map(({ key, from, to }) => `${key} ${from ?? 'unset'} → ${to ?? 'unset'}`).join(', ')}`;

/** What became of an exporter, and what it tells. One that answers may still not read its server. */
const exporterText = (report: ReportOf<'add-exporter' | 'remove-exporter'>, style: Style): string => {
  const { exporter, for: server, secrets, container = '', answer } = report;
  const reads = answer?.server === 'up' ? ` and reads ${server}` : '';
  return editText(`exporter ${exporter}${server === undefined ? '' : ` for ${server}`}`, report, style, {
    detail: jobWords(report),
    more: lines(
      secrets && style.faint(`  its credentials are in ${secrets}`),
      answer && answerLine(container, { ...answer, ok: answer.ok && answer.server !== 'down' }, style) + reads,
    ),
  });
};

const statusText = (report: ReportOf<'status'>, style: Style, now: Date): string =>
  lines(
    report.running
      ? `${style.good('●')} The stack "${report.stack}" is running`
      : `${style.bad('●')} The stack "${report.stack}" is not running; \`monitor up\` starts it`,
    urlLines(report.urls),
    `  Networks    ${report.networks.map(nameWords).join(', ') || 'none'}`,
    `  Volumes     ${report.volumes.map((v) => (v.exists ? nameWords(v) : `${v.name} (not created yet)`)).join(', ')}`,
    noticeLines(report.notices, style),
    below(
      table(
        ['SERVICE', 'CONTAINER', 'STATE', 'IMAGE'],
        report.containers.map((c) => [c.role, c.name, c.state, c.image]),
      ),
    ),
    below(targetTable(report, style, now)),
  );

const nameWords = ({ name, ours }: { name: string; ours: boolean }): string => (ours ? name : `${name} (external)`);

/** Ages by Prometheus's clock, where that differs. */
const targetTable = (
  { targets, now }: Pick<ReportOf<'status'>, 'targets' | 'now'>,
  style: Style,
  here: Date,
): string => {
  const rows = targets.map((t) => [
    t.job,
    placeOf(t.instance, t.url),
    healthWord(t, style),
    lastScrapeWords(t, now === undefined ? here : new Date(now)),
    ...heldWords(t),
    t.cause ?? t.error ?? t.answer?.reason ?? '',
  ]);
  const remedies = targets.flatMap((t) =>
    t.remedy === undefined
      ? []
      : [`${style.warn('→')} ${t.url === '' ? `${t.job} ` : ''}${placeOf(t.instance, t.url)}: ${t.remedy}`],
  );
  return lines(table(['JOB', 'TARGET', 'HEALTH', 'LAST SCRAPE', 'SAMPLES', 'DURATION', 'ERROR'], rows), ...remedies);
};

const lastScrapeWords = ({ lastScrape, firstScrapeWithin }: TargetRow, now: Date): string => {
  if (lastScrape !== undefined) return ago(new Date(lastScrape), now);
  return firstScrapeWithin === undefined ? '-' : `first scrape within ${firstScrapeWithin}`;
};

/** What the last scrape held and how long it took; before the first one, the answer to our own request. */
const heldWords = (target: TargetRow): [samples: string, duration: string] => {
  const { samples, duration } = (target.lastScrape === undefined ? target.answer : target) ?? {};
  return [samples === undefined ? '-' : `${samples}`, duration === undefined ? '-' : took(duration)];
};

const took = (seconds: number): string => {
  const ms = seconds * 1000;
  if (ms < 1) return '<1ms';
  return ms < 1000 ? `${Math.round(ms)}ms` : `${seconds.toFixed(1)}s`;
};

const USUAL_PATH = '/metrics';

/** With its path where that is not the usual one: two paths of one port are two targets. */
const placeOf = (instance: string, url: string | undefined): string =>
  withPath(instance, url !== undefined && URL.canParse(url) ? new URL(url).pathname : USUAL_PATH);

const withPath = (instance: string, path: string): string => (path === USUAL_PATH ? instance : `${instance}${path}`);

const healthWord = ({ health }: TargetRow, style: Style): string =>
  health === 'up' ? style.good('up') : health === 'down' ? style.bad('down') : style.warn(HEALTH_WORDS[health]);

const ago = (then: Date, now: Date): string => {
  const seconds = Math.max(0, Math.round((now.getTime() - then.getTime()) / 1000));
  if (seconds < 60) return `${seconds}s ago`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)}m ago` : `${Math.floor(seconds / 3600)}h ago`;
};

const downText = (report: ReportOf<'down'>, style: Style): string =>
  lines(
    report.removed.length === 0
      ? `${style.good('✔')} The stack "${report.stack}" has nothing to remove`
      : `${style.good('✔')} The stack "${report.stack}" was removed`,
    report.kept.length === 0 ? '' : `  Kept    ${report.kept.join(', ')}`,
    noticeLines(report.notices, style),
  );

const passwordText = (report: ReportOf<'password'>, style: Style): string =>
  lines(
    report.reset ? `${style.good('✔')} Grafana has a new admin password` : '',
    `user      ${report.user}`,
    `password  ${report.password}`,
    style.faint(`from ${report.source}`),
  );

const documentText = ({ text }: { text: string }): string => text.replace(/\n$/, '');

/** Of several containers each line names its own. */
const logsText = ({ containers, lines: written }: ReportOf<'logs'>): string =>
  written.map(({ container, line }) => (containers.length > 1 ? `${container} | ${line}` : line)).join('\n');

const VERDICT_WORDS: Record<ReportOf<'detect'>['rows'][number]['verdict'], (style: Style) => string> = {
  scraped: (style) => style.good('scraped'),
  configured: (style) => style.good('configured'),
  refused: (style) => style.bad('no metrics'),
  skipped: (style) => style.faint('skipped'),
  'to-be-asked': (style) => style.warn('to be asked'),
};

const detectText = (report: ReportOf<'detect'>, style: Style): string =>
  lines(
    detectHeadline(report),
    table(
      ['CONTAINER', 'PORT', 'PATH', 'JOB', 'VERDICT', 'REASON'],
      report.rows.map((row) => [
        row.container,
        row.port === undefined ? '-' : `${row.port}`,
        row.metrics_path ?? '-',
        row.job ?? '-',
        VERDICT_WORDS[row.verdict](style),
        row.metrics === undefined ? row.reason : `${row.reason}; ${plural(row.metrics, 'metric')}`,
      ]),
    ),
    noticeLines(report.warnings, style),
    ...report.suggestions.map((s) => `${style.strong('→')} ${s.container}: ${s.message}: ${style.strong(s.command)}`),
    report.hint && noticeLines([report.hint], style),
  );

const detectHeadline = (report: ReportOf<'detect'>): string => {
  if (!report.enabled) return 'Detection is off (detect.enabled in monitor.yml).';
  if (report.rows.length === 0) return 'There are no other containers on this engine.';
  return report.asked
    ? ''
    : 'Not asked yet, since the image of Prometheus is not on this engine: `monitor up` pulls it and asks.';
};

const explainText = (report: ReportOf<'explain'>, style: Style): string =>
  report.explained.length === 0
    ? `${style.good('✔')} Nothing to explain: ${plural(report.up, 'target')} ${report.up === 1 ? 'is' : 'are'} up`
    : report.explained.map((row) => explainedText(row, style)).join('\n\n');

const explainedText = (row: ExplainedRow, style: Style): string =>
  lines(
    `${explainedMark(row, style)} ${style.strong(placeOf(row.target, row.url))}${ofWhat(row)} ${row.health === 'none' ? 'has' : 'is'} ${HEALTH_WORDS[row.health]}: ${row.cause}`,
    row.remedy && `  ${style.warn('→')} ${row.remedy}`,
    row.error && style.faint(`  Prometheus says: ${row.error}`),
  );

const ofWhat = ({ job, source }: ExplainedRow): string => (source === undefined ? jobWords({ job }) : ` (${source})`);

const HEALTH_WORDS: Record<ExplainedRow['health'], string> = {
  up: 'up',
  down: 'down',
  pending: 'pending',
  none: 'no targets',
  missing: 'not a target',
};

const explainedMark = ({ health, remedy }: ExplainedRow, style: Style): string => {
  if (health === 'up') return remedy === undefined ? style.good('✔') : style.warn('!');
  return health === 'pending' ? style.warn('●') : style.bad('✘');
};

const TEXTS: Texts = {
  init: initText,
  plan: planText,
  up: upText,
  restart: upText,
  down: downText,
  status: statusText,
  password: passwordText,
  logs: logsText,
  detect: detectText,
  explain: explainText,
  query: queryText,
  metrics: metricsText,
  export: exportText,
  dashboards: dashboardsText,
  'add-target': targetText,
  'remove-target': targetText,
  'add-exporter': exporterText,
  'remove-exporter': exporterText,
  'dashboards-check': checkText,
  'dashboards-pull': dashboardPullText,
  'dashboards-add': dashboardSourceText,
  'dashboards-remove': dashboardSourceText,
  open: ({ opened, url }) => (opened ? `opened ${url}` : url),
  render: documentText,
  text: documentText,
  written: ({ paths }, style) => lines(...paths.map((path) => wroteLine(path, style))),
  stream: () => '',
};
