import type { Data } from '../prometheus/yaml-text.ts';
import { type Scope, selectorOf } from './objects.ts';

/** An entry of `scrape_configs` that is made here, of plain data. */
export interface OwnJob {
  readonly job_name: string;
  readonly [key: string]: Data | undefined;
}

/** The job's name in the configuration; each target gets the job of its annotation or controller. */
const DISCOVERY_JOB = 'kubernetes-pods';

const annotation = (name: string): string => `__meta_kubernetes_pod_annotation_${name}`;
const PORT = annotation('prometheus_io_port');
const DURATION = '((?:\\d+(?:ms|[smhdwy]))+)';

/**
 * What takes the place of Docker's labels: the same names as annotations of Pods. Prometheus makes a target of each
 * declared port; those that an annotation leads to one address are one target, as all their labels are equal.
 * `fallback`: the protocol that a program here needs, as its Content-Type is none that Prometheus 3 takes.
 * Source: Prometheus's documentation, "kubernetes_sd_config" (role pod) and "relabel_config".
 */
export const podDiscovery = (takenJobs: readonly string[], fallback: string | undefined): OwnJob => ({
  job_name: freeJob(DISCOVERY_JOB, takenJobs),
  fallback_scrape_protocol: fallback,
  kubernetes_sd_configs: [{ role: 'pod' }],
  relabel_configs: POD_RULES,
});

type Step = Readonly<Record<string, Data>>;

const take = (name: string, regex: string, target: string, replacement = '$1'): Step => ({
  source_labels: [annotation(name)],
  regex,
  target_label: target,
  replacement,
});

const FROM_PORT = { source_labels: [PORT, '__meta_kubernetes_pod_ip'] };

/** The address of a Pod has no brackets where it is one of IPv6. */
const addressRules: Step[] = [
  { ...FROM_PORT, regex: '(\\d+);([\\d.]+)', target_label: '__address__', replacement: '$2:$1' },
  { ...FROM_PORT, regex: '(\\d+);(.*:.*)', target_label: '__address__', replacement: '[$2]:$1' },
  // No port anywhere: Prometheus takes the scheme's.
  { source_labels: ['__address__'], regex: '([^[]*:[^[]*:[^[]*)', target_label: '__address__', replacement: '[$1]' },
];

/** The last one that is set wins: the Pod's name, its controller's (without the hash of a ReplicaSet), its label, its annotation. */
const jobRules: Step[] = [
  { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'job' },
  { source_labels: ['__meta_kubernetes_pod_controller_name'], regex: '(.+)', target_label: 'job' },
  {
    source_labels: ['__meta_kubernetes_pod_controller_kind', '__meta_kubernetes_pod_controller_name'],
    regex: 'ReplicaSet;(.+)-[a-z0-9]+',
    target_label: 'job',
  },
  { source_labels: ['__meta_kubernetes_pod_label_app'], regex: '(.+)', target_label: 'job' },
  { source_labels: ['__meta_kubernetes_pod_label_app_kubernetes_io_name'], regex: '(.+)', target_label: 'job' },
  { source_labels: [annotation('prometheus_io_job')], regex: '(.+)', target_label: 'job' },
];

const POD_RULES: Step[] = [
  { source_labels: [annotation('prometheus_io_scrape')], action: 'keep', regex: 'true' },
  { source_labels: ['__meta_kubernetes_pod_phase'], action: 'drop', regex: 'Succeeded|Failed' },
  // Where no annotation names a port: ports that are not TCP, and those of init containers, serve no metrics.
  { source_labels: [PORT, '__meta_kubernetes_pod_container_port_protocol'], action: 'drop', regex: ';(UDP|SCTP)' },
  { source_labels: [PORT, '__meta_kubernetes_pod_container_init'], action: 'drop', regex: ';true' },
  ...addressRules,
  take('prometheus_io_path', '/?(.+)', '__metrics_path__', '/$1'),
  take('prometheus_io_scheme', '(https?)', '__scheme__'),
  take('prometheus_scrape_interval', DURATION, '__scrape_interval__'),
  take('prometheus_scrape_timeout', DURATION, '__scrape_timeout__'),
  { action: 'labelmap', regex: '__meta_kubernetes_pod_label_(.+)' },
  // Labels that change with each rollout, and those that Prometheus sets itself.
  { action: 'labeldrop', regex: 'pod_template_hash|controller_revision_hash|pod_template_generation|job|instance' },
  { source_labels: ['__meta_kubernetes_namespace'], target_label: 'namespace' },
  { source_labels: ['__meta_kubernetes_pod_name'], target_label: 'pod' },
  ...jobRules,
];

/** Prometheus refuses two scrape configs of one job. */
export const freeJob = (job: string, taken: readonly string[]): string =>
  taken.includes(job) ? freeJob(`${job}-discovered`, taken) : job;

/** The Pods of the DaemonSet that stands for the exporter of a machine, each of them its node. */
export const nodeDiscovery = (job: string, component: string, scope: Scope): OwnJob => {
  const labels = Object.entries(selectorOf(scope, component)).map(([key, value]) => `${key}=${value}`);
  const selectors = [{ role: 'pod', label: labels.join(',') }];
  return {
    job_name: job,
    kubernetes_sd_configs: [{ role: 'pod', namespaces: { names: [scope.namespace] }, selectors }],
    relabel_configs: [{ source_labels: ['__meta_kubernetes_pod_node_name'], target_label: 'instance' }],
  };
};

export const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * The kubelet's own cAdvisor, on each node. Its certificate is one that it signed itself on most clusters.
 * Source: Kubernetes' documentation, "Metrics For Kubernetes System Components".
 */
export const cadvisorDiscovery = (job: string): OwnJob => ({
  job_name: job,
  scheme: 'https',
  metrics_path: '/metrics/cadvisor',
  authorization: { credentials_file: TOKEN_PATH },
  tls_config: { insecure_skip_verify: true },
  kubernetes_sd_configs: [{ role: 'node' }],
  relabel_configs: [{ source_labels: ['__meta_kubernetes_node_name'], target_label: 'instance' }],
});
