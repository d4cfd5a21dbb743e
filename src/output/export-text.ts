import type { ComparedTarget } from '../export/compare.ts';
import type { Finding } from '../export/model.ts';
import { lines, wroteLine } from './lines.ts';
import type { ReportOf } from './report.ts';
import type { Style } from './style.ts';
import { table } from './table.ts';

/** The exported text itself, or what was written where; what was verified below it. */
export const exportText = (report: ReportOf<'export'>, style: Style): string => {
  const { text, out, files, others, verified, next } = report;
  return lines(
    text?.replace(/\n$/, ''),
    out && wroteLine(`${files.length} files to ${out}`, style),
    others.length === 0 ? '' : `  other files there, not changed: ${others.join(', ')}`,
    verified && verifiedTable(verified, style),
    next && `Next: ${style.strong(next)}`,
  );
};

export const findingLine = ({ message, remedy }: Finding): string => `${message}; ${remedy}`;

const verifiedTable = (rows: readonly ComparedTarget[], style: Style): string => {
  const mark: Record<ComparedTarget['verdict'], string> = {
    same: style.good('same'),
    differs: style.bad('differs'),
    missing: style.bad('missing'),
  };
  const same = rows.filter((row) => row.verdict === 'same').length;
  return lines(
    table(
      ['JOB', 'INSTANCE', 'STACK', 'EXPORTED', 'VERDICT', 'NOTE'],
      rows.map((row) => [
        row.job,
        row.instance,
        row.url,
        row.exportedUrl ?? '-',
        mark[row.verdict],
        [...row.differences, row.remark ?? []].flat().join('; '),
      ]),
    ),
    `${same} of ${rows.length} targets are the same`,
  );
};
