import { CHANGE_WORDS, lines, noticeLines } from './lines.ts';
import type { ExporterAnswer, ExporterReport } from './report.ts';
import type { Style } from './style.ts';

/** What became of an exporter, and what it tells, for a person. */
export const exporterText = (report: ExporterReport, style: Style): string =>
  lines(
    `${report.change === 'absent' ? style.warn('!') : style.good('✔')} ${nameOf(report)} ${CHANGE_WORDS[report.change]} ${report.config}${jobWords(report)}`,
    report.secrets === undefined ? '' : style.faint(`  its credentials are in ${report.secrets}`),
    report.answer === undefined ? '' : answerLines(report, report.answer, style),
    noticeLines(report.notices, style),
    report.applied || report.change === 'absent' ? '' : `Next: ${style.strong('monitor up')} applies this change`,
  );

const nameOf = ({ exporter, for: server }: ExporterReport): string =>
  server === undefined ? `exporter ${exporter}` : `exporter ${exporter} for ${server}`;

const jobWords = ({ job, instance }: ExporterReport): string =>
  job === undefined ? '' : ` (job ${job}, instance ${instance})`;

const answerLines = (report: ExporterReport, answer: ExporterAnswer, style: Style): string => {
  if (answer.ok && answer.server !== 'down') {
    const reads = answer.server === 'up' ? ` and reads ${report.for}` : '';
    return `${style.good('✔')} ${report.container} answered with ${answer.metrics} ${answer.metrics === 1 ? 'metric' : 'metrics'}${reads}`;
  }
  return lines(
    `${style.bad('✘')} ${report.container}: ${answer.reason}`,
    answer.log === undefined ? '' : `  its log: ${answer.log}`,
    answer.remedy === undefined ? '' : `  ${answer.remedy}`,
  );
};
