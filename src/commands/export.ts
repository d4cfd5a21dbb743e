import { dirname, join, resolve } from 'node:path';
import { makeFolder, stateFolderOf } from '../config/state-folder.ts';
import { shellWord } from '../config/words.ts';
import { MonitorError } from '../errors.ts';
import { composeExport } from '../export/compose.ts';
import { composeWord } from '../export/compose-check.ts';
import type { ExportFile } from '../export/file.ts';
import { kubernetesExport } from '../export/kubernetes.ts';
import { kubernetesFiles, kubernetesText } from '../export/kubernetes-files.ts';
import { readOptions, type WrittenOptions } from '../export/options.ts';
import { leftOut } from '../export/places.ts';
import { writeFolder } from '../export/write-folder.ts';
import type { ExportReport } from '../output/report.ts';
import type { Deps } from '../stack/session.ts';
import { loadStack } from '../stack/session.ts';
import { gatherExport } from './export-input.ts';
import { verifyCompose, verifyKubernetes } from './export-verify.ts';

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
  if (options.verify && options.discovery === 'operator') throw notVerifiable();
  const loaded = await loadStack(deps);
  const gathered = await gatherExport(deps, loaded);
  const exported = kubernetesExport(gathered.input, wanted);
  return {
    kind: 'export',
    to: 'kubernetes',
    stack: loaded.config.name,
    ...(await output(deps, options, kubernetesFiles(exported, options.kustomize), () => kubernetesText(exported))),
    findings: exported.findings,
    verified: options.verify ? await verifyKubernetes(deps, loaded, gathered, exported) : undefined,
    notices: [...gathered.notices, ...exported.notices],
    next:
      options.out === undefined
        ? undefined
        : `kubectl apply ${options.kustomize ? '-k' : '-f'} ${shellWord(options.out)}`,
  };
};

/** The stack as a project of Compose: printed, or with its configuration beside it. */
export const runExportCompose = async (deps: Deps, options: ExportOptions): Promise<ExportReport> => {
  const loaded = await loadStack(deps);
  const { compose, input, rendered, notices } = await gatherExport(deps, loaded);
  const exported = composeExport(compose);
  const { text, files, secrets } = exported;
  const { unready } = input;
  const state = stateFolderOf(loaded.path);
  if (options.out === undefined && !options.verify) {
    await makeFolder(state);
    await writeFolder(dirname(state.path), secrets);
  }
  const ignore = { path: '.monitor/.gitignore', text: '*\n' };
  return {
    kind: 'export',
    to: 'compose',
    stack: loaded.config.name,
    ...(await output(deps, options, [...files, ignore, ...secrets], () => text)),
    findings: [...exported.findings, ...unready.map(leftOut)],
    verified: options.verify
      ? await verifyCompose(deps, loaded, rendered?.prometheusConfig, exported.prometheusConfig)
      : undefined,
    notices: [
      ...notices,
      'run `monitor down` before `docker compose up`: both make containers of the same names; the data stays',
      ...(options.verify ? [await composeWord(text, dirname(loaded.path))] : []),
    ],
    next:
      options.out === undefined ? undefined : `docker compose -f ${shellWord(join(options.out, 'compose.yaml'))} up -d`,
  };
};

const noFolder = (): MonitorError =>
  new MonitorError({
    code: 'no-folder',
    message: '--kustomize writes a file beside the others, and needs a folder',
    suggestion: 'add --out DIR',
    exitCode: 2,
  });

const notVerifiable = (): MonitorError =>
  new MonitorError({
    code: 'not-verifiable',
    message:
      '--verify cannot be combined with --discovery operator: there the operator writes the configuration of Prometheus',
    suggestion: 'verify with --discovery annotations, or leave --verify out',
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
