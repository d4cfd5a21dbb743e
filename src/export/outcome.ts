import { resolve } from 'node:path';
import { type MonitorError, mistake } from '../errors.ts';
import type { ReportOf } from '../output/report.ts';
import type { Deps } from '../stack/session.ts';
import type { ExportFile } from './model.ts';
import { writeFolder } from './write-folder.ts';

/** What all exports can be told. */
export interface ExportOptions {
  /** The folder to write into; absent: the text is printed. */
  out?: string;
  /** Run what was exported, and compare its targets with the stack's. */
  verify: boolean;
  strict: boolean;
}

/** Writes the files, or answers the text of all. With `--verify` alone nothing but the comparison is printed. */
export const output = async (
  { cwd }: Pick<Deps, 'cwd'>,
  { out, verify }: ExportOptions,
  files: readonly ExportFile[],
  text: () => string,
): Promise<Pick<ReportOf<'export'>, 'out' | 'files' | 'others' | 'text'>> => {
  if (out === '') throw noFolder();
  if (out === undefined) return { files: [], others: [], text: verify ? undefined : text() };
  const others = await writeFolder(resolve(cwd, out), files);
  return { out, files: files.map(({ path }) => path), others };
};

const noFolder = (): MonitorError =>
  mistake({ code: 'no-folder', message: '--out needs a folder', suggestion: 'add --out DIR' });

/** 3 where a check was asked for that did not hold. */
export const exportExitCode = ({ findings, verified }: ReportOf<'export'>, { strict }: ExportOptions): 0 | 3 => {
  const differs = verified?.some((row) => row.verdict !== 'same') ?? false;
  return differs || (strict && findings.length > 0) ? 3 : 0;
};
