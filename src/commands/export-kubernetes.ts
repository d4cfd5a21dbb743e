import { Option } from 'commander';
import type { Define } from '../cli/command.ts';
import { collect } from '../cli/parameters.ts';
import { type MonitorError, mistake } from '../errors.ts';
import { gatherExport } from '../export/gather.ts';
import { kubernetesExport } from '../export/kubernetes.ts';
import { kubernetesFiles, kubernetesText } from '../export/kubernetes-files.ts';
import { readOptions, type WrittenOptions } from '../export/options.ts';
import { type ExportOptions, exportExitCode, output } from '../export/outcome.ts';
import { verifyKubernetes } from '../export/verify-export.ts';
import type { ReportOf } from '../output/report.ts';
import { type Deps, loadStack } from '../stack/session.ts';
import { shellWord } from '../words.ts';

export interface ExportKubernetesOptions extends ExportOptions, WrittenOptions {
  kustomize: boolean;
}

export const command: Define = (kubernetes, invoke) =>
  kubernetes
    .option('--out <dir>', 'folder to write to (default: all of it to stdout)')
    .option('--namespace <name>', 'namespace of the objects', 'monitoring')
    .addOption(
      new Option('--discovery <how>', 'how Prometheus finds Pods')
        .choices(['annotations', 'operator'])
        .default('annotations'),
    )
    .option(
      '--label <key=value>',
      'label on the monitors, by which your cluster’s Prometheus selects them; may be repeated',
      collect,
      [],
    )
    .option('--existing-secret <name>', 'existing Secret with Grafana’s password (default: a new one)')
    .option('--kustomize', 'write a kustomization.yaml too', false)
    .option('--workloads', 'also write what the Deployments of the running containers need', false)
    .option('--strict', 'exit with code 3 if something is not the same in a cluster', false)
    .option('--verify', 'run Prometheus with the export and compare its targets with the stack’s', false)
    .action(invoke(runExportKubernetes, { exitCode: exportExitCode }));

/** The stack as objects of Kubernetes: printed, or written to a file each. */
export const runExportKubernetes = async (
  deps: Deps,
  options: ExportKubernetesOptions,
): Promise<ReportOf<'export'>> => {
  const wanted = readOptions(options);
  if (options.kustomize && options.out === undefined) throw noFolder();
  if (options.verify && options.discovery === 'operator') throw notVerifiable();
  const loaded = await loadStack(deps);
  const gathered = await gatherExport(deps, loaded, { withPassword: options.existingSecret === undefined });
  const exported = kubernetesExport(gathered.input, wanted);
  const files = kubernetesFiles(exported, options.kustomize);
  const written = await output(deps, options, files, () => kubernetesText(exported));
  return {
    kind: 'export',
    to: 'kubernetes',
    stack: loaded.config.name,
    ...written,
    findings: [...gathered.findings, ...exported.findings],
    verified: options.verify ? await verifyKubernetes(deps, loaded, gathered, exported) : undefined,
    notices: [...gathered.notices, ...exported.notices, ...(options.kustomize ? [] : othersNotices(written.others))],
    next:
      options.out === undefined
        ? undefined
        : `kubectl apply ${options.kustomize ? '-k' : '-f'} ${shellWord(options.out)}`,
  };
};

/** `kubectl apply -f DIR` takes every such file, those of an earlier export too. */
const othersNotices = (others: readonly string[]): string[] => {
  const applied = others.filter((name) => /\.(ya?ml|json)$/.test(name));
  return applied.length === 0
    ? []
    : [
        `\`kubectl apply -f\` also applies files that this export did not write: ${applied.join(', ')}; delete those that are not needed, or export with --kustomize`,
      ];
};

const noFolder = (): MonitorError =>
  mistake({
    code: 'no-folder',
    message: '--kustomize needs a folder to write kustomization.yaml into',
    suggestion: 'add --out DIR',
  });

const notVerifiable = (): MonitorError =>
  mistake({
    code: 'not-verifiable',
    message: '--verify does not work with --discovery operator',
    detail: ['with it, the operator in the cluster writes the configuration of Prometheus from the exported monitors'],
    suggestion: 'use --verify with --discovery annotations, which is the default, or leave --verify out',
  });
