import type { ScrapeTarget } from '../detect/types.ts';
import { exporterPort } from './exporter-objects.ts';
import { orNone, when } from './lists.ts';
import type { KubernetesObject, Scope } from './objects.ts';
import * as k8s from './objects.ts';
import { type ClusterScrapes, isOfMachine, jobsText, literal } from './prometheus-config.ts';
import { filesSecret, PROMETHEUS_PORT, PROMETHEUS_RESOURCES, prometheusUser, storageOf } from './prometheus-objects.ts';
import type { ExportInput } from './stack-input.ts';

const API = 'monitoring.coreos.com/v1';

/** Where the operator mounts the Secrets that a Prometheus lists. Source: its API reference, `PrometheusSpec.secrets`. */
export const operatorFilesFolder = (scope: Scope): string =>
  `/etc/prometheus/secrets/${scope.name('prometheus-files')}`;

type Labels = Record<string, string>;

/** The label by which the stack's own Prometheus selects its monitors, also where `--label` gives it another value. */
const selectedBy = ({ stack }: Scope, labels: Labels) => ({ [PART_OF]: labels[PART_OF] ?? stack });
const PART_OF = 'app.kubernetes.io/part-of';

/** A Prometheus for the operator to run, with monitors of the stack's own Services. Pure. */
export const operatorObjects = (
  input: ExportInput,
  scope: Scope,
  scrapes: ClusterScrapes,
  labels: Labels,
): KubernetesObject[] => {
  const jobs = jobsText(scrapes, '');
  const secretName = scope.name('prometheus-scrape-configs');
  const additional = when(jobs !== '', k8s.secretOf(scope, 'prometheus', secretName, { [JOBS_KEY]: jobs }));
  const files = filesSecret(scope, scrapes);
  // What the operator labels the Pods with. Source: prometheus-operator pkg/prometheus/server/statefulset.go.
  const selector = {
    'app.kubernetes.io/name': 'prometheus',
    'operator.prometheus.io/name': scope.name('prometheus'),
  };
  return [
    ...additional,
    ...files,
    k8s.serviceOf(scope, 'prometheus', PROMETHEUS_PORT, { headless: true, selector }),
    prometheusResource(input, scope, { additional, files, labels }),
    ...serviceMonitors(input, scope, labels),
    ...nodeMonitor(input, scope, labels),
    targetDown(scope, labels),
  ];
};

const JOBS_KEY = 'scrape-configs.yml';

const prometheusResource = (
  input: ExportInput,
  scope: Scope,
  { additional, files, labels }: { additional: KubernetesObject[]; files: KubernetesObject[]; labels: Labels },
): KubernetesObject => {
  const { prometheus, scrape_interval } = input.config;
  const { claim, retentionSize } = storageOf(input);
  const selector = { matchLabels: selectedBy(scope, labels) };
  const nameOf = ({ metadata: { name } }: KubernetesObject): string => name;
  return {
    apiVersion: API,
    kind: 'Prometheus',
    metadata: k8s.metaOf(scope, 'prometheus'),
    spec: {
      replicas: 1,
      image: prometheus.image,
      version: /:(v?\d+\.\d+\.\d+)$/.exec(prometheus.image)?.[1],
      serviceAccountName: scope.name('prometheus'),
      scrapeInterval: scrape_interval,
      retention: prometheus.retention.time,
      retentionSize,
      storage: { volumeClaimTemplate: { spec: k8s.claimSpec(claim) } },
      securityContext: prometheusUser(input),
      resources: PROMETHEUS_RESOURCES,
      secrets: orNone(files.map(nameOf)),
      additionalScrapeConfigs: additional.map((secret) => ({ name: nameOf(secret), key: JOBS_KEY }))[0],
      // In every namespace: a workload may have its monitor beside it.
      serviceMonitorSelector: selector,
      serviceMonitorNamespaceSelector: {},
      podMonitorSelector: selector,
      podMonitorNamespaceSelector: {},
      ruleSelector: selector,
      ruleNamespaceSelector: {},
    },
  };
};

/** An object that the operator turns into a part of the configuration of Prometheus. */
export const operatorObject = (
  kind: 'ServiceMonitor' | 'PodMonitor' | 'PrometheusRule',
  scope: Scope,
  name: string,
  labels: Labels,
  spec: Record<string, unknown>,
): KubernetesObject => ({
  apiVersion: API,
  kind,
  metadata: {
    name,
    namespace: scope.namespace,
    labels: { 'app.kubernetes.io/managed-by': 'monitor', ...labels, ...selectedBy(scope, labels) },
  },
  spec,
});

/** `action` is what the API adds where it is left out, which would be a change at the next `kubectl apply`. */
const ACTION = { action: 'replace' } as const;

export const relabelTo = (targetLabel: string, text: string) => ({
  ...ACTION,
  targetLabel,
  replacement: literal(text),
});

/** Each selects one Service by its labels and names its port; job and instance are those that the stack has. */
const serviceMonitors = (input: ExportInput, scope: Scope, labels: Labels): KubernetesObject[] => {
  const monitor = (component: string, name: string, port: string, target: ScrapeTarget): KubernetesObject =>
    operatorObject('ServiceMonitor', scope, name, labels, {
      selector: { matchLabels: k8s.selectorOf(scope, component) },
      endpoints: [
        {
          port,
          path: target.metrics_path,
          relabelings: [relabelTo('job', target.job), relabelTo('instance', target.instance)],
        },
      ],
    });
  const own = input.targets.filter((t) => t.origin === 'stack');
  return [
    ...own.map((t) => monitor(t.job, scope.name(t.job), t.job === 'prometheus' ? PROMETHEUS_PORT.name : 'http', t)),
    ...input.exporters
      .filter((e) => !isOfMachine(e))
      .map((e) => monitor(e.service, e.service, exporterPort(e).name, e.target)),
  ];
};

/** The exporter of each node has no Service. */
const nodeMonitor = (input: ExportInput, scope: Scope, labels: Labels): KubernetesObject[] =>
  input.exporters
    .filter((e) => e.config.name === 'node')
    .map((e) =>
      operatorObject('PodMonitor', scope, scope.name('node-exporter'), labels, {
        selector: { matchLabels: k8s.selectorOf(scope, 'node') },
        podMetricsEndpoints: [
          {
            port: exporterPort(e).name,
            relabelings: [
              relabelTo('job', e.target.job),
              { ...ACTION, sourceLabels: ['__meta_kubernetes_pod_node_name'], targetLabel: 'instance' },
            ],
          },
        ],
      }),
    );

/** What `monitor status` says of a target, as an alert. */
const targetDown = (scope: Scope, labels: Labels): KubernetesObject =>
  operatorObject('PrometheusRule', scope, scope.name('targets'), labels, {
    groups: [
      {
        name: 'targets',
        rules: [
          {
            alert: 'TargetDown',
            expr: 'up == 0',
            for: '5m',
            labels: { severity: 'warning' },
            annotations: { summary: '{{ $labels.job }}: {{ $labels.instance }} cannot be scraped' },
          },
        ],
      },
    ],
  });
