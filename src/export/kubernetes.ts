import { prefixOf } from '../config/defaults.ts';
import { COMPONENTS } from '../stack/components.ts';
import { plural, quoted } from '../words.ts';
import { credentialFinding, exporterObjects } from './exporter-objects.ts';
import { grafanaObjects, PASSWORD_KEY } from './grafana-objects.ts';
import { when } from './lists.ts';
import type { Finding } from './model.ts';
import { isApplicable, type KubernetesObject, type Scope, scopeOf } from './objects.ts';
import { operatorFilesFolder, operatorObjects } from './operator.ts';
import { FILES_FOLDER } from './passthrough.ts';
import { serviceFinding } from './places.ts';
import { type ClusterScrapes, clusterScrapes, type Discovery, isOfMachine } from './prometheus-config.ts';
import { prometheusObjects } from './prometheus-objects.ts';
import { accountObjects } from './rbac.ts';
import type { ExportInput } from './stack-input.ts';
import { annotationPatches, podMonitors, portPatches, type WorkloadPatch, workloadFindings } from './workloads.ts';

export interface KubernetesOptions {
  namespace: string;
  discovery: Discovery;
  /** By which the cluster's own Prometheus selects monitors. */
  labels: Record<string, string>;
  existingSecret?: string;
  workloads: boolean;
}

export interface KubernetesExport {
  /** In the order in which they can be applied. */
  objects: KubernetesObject[];
  patches: WorkloadPatch[];
  scrapes: ClusterScrapes;
  findings: Finding[];
  notices: string[];
}

/** The stack as objects of Kubernetes. Pure. */
export const kubernetesExport = (input: ExportInput, options: KubernetesOptions): KubernetesExport => {
  const { config, exporters } = input;
  const { discovery } = options;
  const isOperator = discovery === 'operator';
  const workloads = options.workloads ? input.workloads : [];
  const scope = scopeOf(config.name, options.namespace);
  const folder = isOperator ? operatorFilesFolder(scope) : FILES_FOLDER;
  const scrapes = clusterScrapes(input, scope, discovery, folder);
  const grafana = grafanaObjects(input, scope, options.existingSecret);
  const prometheus = isOperator
    ? operatorObjects(input, scope, scrapes, options.labels)
    : prometheusObjects(input, scope, scrapes);
  const hasKubelet = exporters.some((e) => e.config.name === 'cadvisor');
  const objects = [
    namespaceObject(input, scope),
    ...accountObjects(scope, scrapes, discovery, hasKubelet),
    ...prometheus,
    ...grafana.objects,
    ...exporterObjects(exporters, scope),
    ...(isOperator ? podMonitors(workloads, scope, options.labels) : []),
  ];
  return {
    objects,
    patches: (isOperator ? portPatches : annotationPatches)(workloads),
    scrapes,
    findings: [
      ...objects.filter((object) => !isApplicable(object)).map(tooLarge),
      ...scrapes.findings,
      ...exporterFindings(input, scope),
      ...workloadFindings(workloads, !isOperator),
    ],
    notices: [
      ...grafana.notices,
      ...userNotices(input),
      ...nameNotices(input, scope),
      ...usageNotices(input, scope, options),
    ],
  };
};

/** Dashboards are split, and nothing else is. */
const tooLarge = ({ kind, metadata: { name } }: KubernetesObject): Finding => ({
  code: 'large',
  subject: name,
  message: `${kind} ${name} is larger than the 262,144 bytes that \`kubectl apply\` can carry`,
  remedy: 'use `kubectl apply --server-side`, which carries up to 1 MiB',
});

/** An exporter of the nodes has their network and processes, which a namespace may forbid. Source: Kubernetes' "Pod Security Admission". */
const namespaceObject = (input: ExportInput, { namespace }: Scope): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: namespace, labels: hasNode(input) ? { [ENFORCE]: 'privileged' } : undefined },
});

const ENFORCE = 'pod-security.kubernetes.io/enforce';
const hasNode = ({ exporters }: ExportInput): boolean => exporters.some((e) => e.config.name === 'node');

const exporterFindings = ({ exporters }: ExportInput, { namespace }: Scope): Finding[] =>
  exporters
    .filter((e) => !isOfMachine(e))
    .flatMap((exporter) => {
      const { for: host, port, container } = exporter.config;
      const server = `the server of ${container}`;
      const lookedUp = host === undefined ? [] : serviceFinding(`${host}:${port}`, server, namespace, new Set());
      return [...lookedUp, ...credentialFinding(exporter, namespace)];
    });

const OFFICIAL = /(^|\/)(prom\/prometheus|grafana\/grafana(-oss|-enterprise)?)(:|@|$)/;

const userNotices = ({ config, users }: ExportInput): string[] =>
  (['prometheus', 'grafana'] as const).flatMap((server) => {
    const { image } = config[server];
    const user = users[server];
    if (OFFICIAL.test(image) || (user !== undefined && /^(nobody|[1-9]\d*)(:|$)/.test(user))) return [];
    const why = user === undefined ? 'the image is not on this engine' : `its user is ${quoted(user || 'root')}`;
    return [
      `the user id of image ${image} is not known (${why}), so its Pod runs as the user of the official image; change its securityContext if it cannot write to its volume`,
    ];
  });

const nameNotices = ({ config, exporters }: ExportInput, { name: nameOf }: Scope): string[] => {
  const renamed = exporters
    .filter((e) => !isOfMachine(e) && e.service !== e.config.container)
    .map((e) => `${e.config.container} is not a valid Kubernetes name: its objects are called ${e.service}`);
  const name = nameOf('prometheus');
  return [
    ...when(
      name !== `${prefixOf(config.name)}prometheus`,
      `${config.name} is not a valid Kubernetes name: the names of the objects begin with ${name.replace(/-?prometheus$/, '')}`,
    ),
    ...renamed,
  ];
};

const usageNotices = (input: ExportInput, scope: Scope, options: KubernetesOptions): string[] => {
  const { discovery, existingSecret, namespace } = options;
  const { workloads } = input;
  return [
    ...when(
      hasNode(input),
      `the namespace ${namespace} gets the label ${ENFORCE}=privileged, which the node exporter needs; a stack without \`node\` that is applied to the same namespace removes the label: export it with another --namespace`,
    ),
    existingSecret === undefined
      ? 'the export contains the password of Grafana in a Secret: keep it out of version control, or use --existing-secret NAME'
      : `Grafana reads its password from the key ${PASSWORD_KEY} of the Secret ${existingSecret} in the namespace ${namespace}`,
    ...when(
      discovery === 'operator',
      'to see which monitors the Prometheus of your cluster selects: kubectl get prometheus -A -o jsonpath=\'{range .items[*]}{.metadata.name}{": "}{.spec.serviceMonitorSelector}{"\\n"}{end}\'; add those labels with --label',
    ),
    ...when(
      workloads.length > 0 && !options.workloads,
      `detection found ${plural(workloads.length, 'running container')}: --workloads also writes what ${workloads.length === 1 ? 'its Deployment needs' : 'their Deployments need'} to be scraped in the cluster`,
    ),
    `open Grafana with: kubectl -n ${namespace} port-forward service/${scope.name('grafana')} :${COMPONENTS.grafana.port}`,
  ];
};
