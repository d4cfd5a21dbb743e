import { answerLine, changeLine, lines, nextLine, noticeLines } from './lines.ts';
import type { ExporterReport } from './report.ts';
import type { Style } from './style.ts';

/** What became of an exporter, and what it tells, for a person. */
export const exporterText = (report: ExporterReport, style: Style): string =>
  lines(
    `${changeLine(nameOf(report), report, style)}${jobWords(report)}`,
    report.secrets && style.faint(`  its credentials are in ${report.secrets}`),
    answerText(report, style),
    noticeLines(report.notices, style),
    nextLine(report, style),
  );

const nameOf = ({ exporter, for: server }: ExporterReport): string =>
  server === undefined ? `exporter ${exporter}` : `exporter ${exporter} for ${server}`;

const jobWords = ({ job, instance }: ExporterReport): string =>
  job === undefined ? '' : ` (job ${job}, instance ${instance})`;

/** An exporter that answers may still not read its server. */
const answerText = ({ answer, container = '', for: server }: ExporterReport, style: Style): string =>
  answer === undefined
    ? ''
    : answerLine(container, { ...answer, ok: answer.ok && answer.server !== 'down' }, style) +
      (answer.server === 'up' ? ` and reads ${server}` : '');
