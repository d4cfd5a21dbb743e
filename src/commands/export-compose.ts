import { dirname, join } from 'node:path';
import type { Define } from '../cli/command.ts';
import { makeFolder, stateFolderOf } from '../config/state-folder.ts';
import { composeExport } from '../export/compose.ts';
import { composeNotice } from '../export/compose-check.ts';
import { type Gathered, gatherExport } from '../export/gather.ts';
import { type ExportOptions, exportExitCode, output } from '../export/outcome.ts';
import { verifyCompose } from '../export/verify-export.ts';
import { writeFolder } from '../export/write-folder.ts';
import type { ReportOf } from '../output/report.ts';
import { type Deps, loadStack } from '../stack/session.ts';
import { shellWord } from '../words.ts';

export const command: Define = (compose, invoke) =>
  compose
    .option('--out <dir>', 'folder to write to (default: all of it to stdout)')
    .option('--strict', 'exit with code 3 if something is not the same with Compose', false)
    .option('--verify', 'run Prometheus with the export and compare its targets with the stack’s', false)
    .action(invoke(runExportCompose, { exitCode: exportExitCode }));

/** The stack as a project of Compose: printed, or with its configuration beside it. */
export const runExportCompose = async (deps: Deps, options: ExportOptions): Promise<ReportOf<'export'>> => {
  const loaded = await loadStack(deps);
  const { compose, rendered, unsaved, findings, notices } = await gatherExport(deps, loaded, { withPassword: true });
  const exported = composeExport(compose);
  const { text, files, secrets } = exported;
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
    findings: [...findings, ...exported.findings],
    verified: options.verify ? await verifyCompose(deps, loaded, rendered?.prometheusConfig, exported) : undefined,
    notices: [
      ...new Set([...notices, ...(rendered?.notices ?? [])]),
      ...unsaved.map(unsavedNotice),
      'run `monitor down` before `docker compose up`: both create containers with the same names; Compose warns that it did not create the volumes, and uses them with their data',
      `${options.out === undefined ? 'save this beside monitor.yml: ' : ''}the passwords are files in .monitor/secrets, which Git ignores: on another machine the project needs them too`,
      ...(options.verify ? [composeNotice(text, dirname(loaded.path))] : []),
    ],
    next:
      options.out === undefined ? undefined : `docker compose -f ${shellWord(join(options.out, 'compose.yaml'))} up -d`,
  };
};

/** Compose's Grafana has its dashboards from files, and one that runs without those files deletes what it had from them. */
const unsavedNotice = ({ uid, title }: Gathered['unsaved'][number]): string =>
  `dashboard "${title}" is in no file as it is now: run \`monitor dashboards pull ${uid}\` before \`docker compose up\`, or Grafana deletes it at the next \`monitor up\``;
