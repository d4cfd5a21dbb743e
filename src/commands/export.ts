import { resolve } from 'node:path';
import { MonitorError } from '../errors.ts';
import type { ExportFile } from '../export/file.ts';
import { kubernetesExport } from '../export/kubernetes.ts';
import { kubernetesFiles, kubernetesText } from '../export/kubernetes-files.ts';
import { readOptions, type WrittenOptions } from '../export/options.ts';
import { writeFolder } from '../export/write-folder.ts';
import type { ExportReport } from '../output/report.ts';
import type { Deps } from './deps.ts';
import { gatherExport } from './export-input.ts';
import { loadStack } from './session.ts';

export interface ExportOptions {
  out?: string;
  verify: boolean;
  strict: boolean;
}

export interface ExportKubernetesOptions extends ExportOptions, WrittenOptions {
  kustomize: boolean;
}

/** The stack as objects of Kubernetes: printed, or a file an object. */
export const runExportKubernetes = async (deps: Deps, options: ExportKubernetesOptions): Promise<ExportReport> => {
  const wanted = readOptions(options);
  if (options.kustomize && options.out === undefined) throw noFolder();
  const loaded = await loadStack(deps);
  const { input, notices } = await gatherExport(deps, loaded);
  const exported = kubernetesExport(input, wanted);
  return {
    kind: 'export',
    to: 'kubernetes',
    stack: loaded.config.name,
    ...(await output(deps, options, kubernetesFiles(exported, options.kustomize), () => kubernetesText(exported))),
    findings: exported.findings,
    notices: [...notices, ...exported.notices],
    next: options.out === undefined ? undefined : `kubectl apply ${options.kustomize ? '-k' : '-f'} ${options.out}`,
  };
};

const noFolder = (): MonitorError =>
  new MonitorError({
    code: 'no-folder',
    message: '--kustomize writes a file beside the others, and needs a folder',
    suggestion: 'add --out DIR',
    exitCode: 2,
  });

const output = async (
  { cwd }: Deps,
  { out, verify }: ExportOptions,
  files: readonly ExportFile[],
  text: () => string,
): Promise<Pick<ExportReport, 'out' | 'files' | 'others' | 'text'>> => {
  if (out === undefined) return { files: [], others: [], text: verify ? undefined : text() };
  const others = await writeFolder(resolve(cwd, out), files);
  return { out, files: files.map(({ path }) => path), others };
};

/** 3 where a check was asked for that did not hold. */
export const exportExitCode = ({ findings, verified }: ExportReport, { strict }: ExportOptions): 0 | 3 => {
  const differs = verified?.some((row) => row.verdict !== 'same') ?? false;
  return differs || (strict && findings.length > 0) ? 3 : 0;
};
