import { isDeepStrictEqual } from 'node:util';
import type { Define } from '../cli/command.ts';
import { exporterArgument } from '../cli/parameters.ts';
import { removeEntries } from '../config/edit-list.ts';
import type { ExporterName } from '../config/exporter-table.ts';
import type { ExporterConfig, LoadedConfig } from '../config/model.ts';
import { stateFolderOf } from '../config/state-folder.ts';
import { mistake } from '../errors.ts';
import { exporterNamed } from '../exporters/chosen.ts';
import { EXPORTER_LIST, exporterKey } from '../exporters/edit.ts';
import { removeSecrets } from '../exporters/secrets.ts';
import type { ReportOf } from '../output/report.ts';
import { editConfig } from '../stack/edit-config.ts';
import { isOfStack, LABEL, stackFilter } from '../stack/labels.ts';
import type { OperationRow } from '../stack/operations.ts';
import { type Deps, withSession } from '../stack/session.ts';

export const command: Define = (removeExporter, invoke) =>
  removeExporter
    .addArgument(exporterArgument())
    .option('--for <container>', 'the server’s container (default: the only one with such an exporter)')
    .action(invoke(runRemoveExporter));

/** Removes an exporter from monitor.yml, its container and target from the stack, and its credentials from the disk. */
export const runRemoveExporter = (
  deps: Deps,
  exporter: string,
  { for: server }: { for?: string },
): Promise<ReportOf<'remove-exporter'>> => {
  const name = exporterNamed(exporter);
  return editConfig(
    deps,
    (loaded) => {
      const chosen = chosenOf(loaded, name, server);
      const isChosen = (exporter: ExporterConfig): boolean => isDeepStrictEqual(exporter, chosen);
      const edited = removeEntries(EXPORTER_LIST, loaded.text, loaded.path, isChosen);
      return { ...edited, chosen };
    },
    async ({ chosen, change }, applied, running) => {
      if (chosen !== undefined) await removeSecrets(stateFolderOf(applied.config), chosen);
      const isLeft = chosen !== undefined && running === undefined && applied.notices.length === 0;
      return {
        kind: 'remove-exporter',
        exporter: name,
        for: chosen?.for ?? server,
        container: chosen?.container,
        change,
        ...applied,
        operations: isLeft ? await removeContainer(deps, chosen) : applied.operations,
        notices: applied.applied ? [] : applied.notices,
      };
    },
    () => ['stack', 'prometheus'],
  );
};

const chosenOf = (
  { config }: LoadedConfig,
  name: ExporterName,
  server: string | undefined,
): ExporterConfig | undefined => {
  const all = config.exporters.filter((e) => e.name === name);
  if (server !== undefined) return all.find((e) => e.for === server);
  const [only, ...others] = all;
  if (others.length === 0) return only;
  throw mistake({
    code: 'several-exporters',
    message: `monitor.yml has several exporters ${name}`,
    detail: all.map((e) => `for ${e.for}`),
    suggestion: `name one: monitor remove-exporter ${name} --for ${only?.for}`,
  });
};

/** While Prometheus is not running, the stack is not updated, but the exporter's container may still exist. */
const removeContainer = (deps: Deps, exporter: ExporterConfig): Promise<OperationRow[]> =>
  withSession(deps, async ({ engine, loaded }) => {
    const { name } = loaded.config;
    const ours = (await engine.listContainers(stackFilter(name))).filter(
      (c) => isOfStack(c, name) && c.labels[LABEL.exporter] === exporterKey(exporter),
    );
    for (const { id } of ours) await engine.removeContainer(id);
    return ours.map((c) => ({
      operation: `remove container ${c.name}`,
      resource: `Container ${c.name}`,
      cause: 'it is no longer in monitor.yml',
    }));
  });
