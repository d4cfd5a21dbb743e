import { parseDuration } from '../config/values.ts';
import { splitAddress } from '../detect/place.ts';
import { fallbackOf } from '../prometheus/render.ts';
import { when } from './lists.ts';
import type { Finding } from './model.ts';
import { isLabelValue, labelValue, objectName, objectNames } from './names.ts';
import type { KubernetesObject, Scope } from './objects.ts';
import { operatorObject, relabelTo } from './operator.ts';
import type { Workload } from './stack-input.ts';

/** What the Deployment of a running container needs to be found as the container is. */
export interface WorkloadPatch {
  /** Of the Deployment: the nearest to the container's. */
  name: string;
  container: string;
  patch: Record<string, unknown>;
}

export const portOf = ({ instance }: Workload['endpoints'][number]): string => splitAddress(instance).port;

/** The labels of a Pod are on its series, so it gets those that the series of the container have now. */
export const podLabels = ({ endpoints: [first] }: Workload): Record<string, string> =>
  Object.fromEntries(
    Object.entries(first?.labels ?? {})
      .filter(([name, value]) => name !== 'metrics_path' && labelValue(value) !== '')
      .map(([name, value]) => [name, labelValue(value)]),
  );

/** `prometheus.io/*`, with what is not the default; text all of it, as annotations are. */
export const podAnnotations = ({ endpoints: [first] }: Workload): Record<string, string> => {
  if (first === undefined) return {};
  const { metrics_path, scheme, job, scrape_interval, scrape_timeout = '10s' } = first;
  const interval = parseDuration(scrape_interval ?? '') ?? Number.POSITIVE_INFINITY;
  const isLonger = (parseDuration(scrape_timeout) ?? 0) > interval;
  const timeout = isLonger ? scrape_interval : scrape_timeout;
  return {
    'prometheus.io/scrape': 'true',
    'prometheus.io/port': portOf(first),
    ...(metrics_path === '/metrics' ? {} : { 'prometheus.io/path': metrics_path }),
    ...(scheme === 'http' ? {} : { 'prometheus.io/scheme': scheme }),
    'prometheus.io/job': job,
    ...(scrape_interval === undefined ? {} : { prometheus_scrape_interval: scrape_interval }),
    ...(timeout === undefined || timeout === '10s' ? {} : { prometheus_scrape_timeout: timeout }),
  };
};

interface Deployed extends Workload {
  name: string;
}

export const deployed = (workloads: readonly Workload[]): Deployed[] => {
  const nameOf = objectNames(workloads.map((w) => w.container));
  return workloads.map((workload) => ({ ...workload, name: nameOf(workload.container) }));
};

/** Annotations, as discovery by annotations reads them. Pure. */
export const annotationPatches = (workloads: readonly Workload[]): WorkloadPatch[] =>
  deployed(workloads).map((workload) =>
    patchOf(workload, { metadata: { labels: podLabels(workload), annotations: podAnnotations(workload) } }),
  );

const patchOf = ({ name, container }: Deployed, template: Record<string, unknown>): WorkloadPatch => ({
  name,
  container,
  patch: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { template } },
});

/** Labels that a PodMonitor selects, and ports with the names that it has. Pure. */
export const portPatches = (workloads: readonly Workload[]): WorkloadPatch[] =>
  deployed(workloads).map((workload) => {
    const ports = namedPorts(workload).map(([port, name]) => ({ name, containerPort: Number(port) }));
    const spec = { containers: [{ name: workload.name, ports }] };
    return patchOf(workload, { metadata: { labels: podLabels(workload) }, spec });
  });

/** A name for each port, as endpoints of monitors want it. */
const namedPorts = ({ endpoints }: Workload): [port: string, name: string][] =>
  [...new Set(endpoints.map(portOf))].map((port, n) => [port, n === 0 ? 'metrics' : `metrics-${n + 1}`]);

/** One for each workload, with each of its endpoints. Pure. */
export const podMonitors = (
  workloads: readonly Workload[],
  scope: Scope,
  labels: Record<string, string>,
): KubernetesObject[] =>
  deployed(workloads).map((workload) => {
    const ports = new Map(namedPorts(workload));
    return operatorObject('PodMonitor', scope, scope.name(`workload-${workload.name}`), labels, {
      namespaceSelector: { any: true },
      selector: { matchLabels: podLabels(workload) },
      podTargetLabels: Object.keys(podLabels(workload)),
      fallbackScrapeProtocol: fallbackOf(workload.endpoints),
      podMetricsEndpoints: workload.endpoints.map((endpoint) => ({
        port: ports.get(portOf(endpoint)),
        path: endpoint.metrics_path,
        scheme: endpoint.scheme,
        interval: endpoint.scrape_interval,
        scrapeTimeout: endpoint.scrape_timeout,
        relabelings: [relabelTo('job', endpoint.job)],
      })),
    });
  });

/** What annotations, or labels of Pods, cannot say. Pure. */
export const workloadFindings = (workloads: readonly Workload[], byAnnotations: boolean): Finding[] =>
  workloads.flatMap((workload): Finding[] => {
    const { container, endpoints } = workload;
    const others = endpoints.slice(1).map((e) => `${portOf(e)}${e.metrics_path}`);
    const changed = Object.entries(endpoints[0]?.labels ?? {}).filter(([, value]) => !isLabelValue(value));
    return [
      ...when(byAnnotations && others.length > 0, {
        code: 'several-endpoints',
        subject: container,
        message: `container ${container} serves metrics at ${endpoints.length} endpoints, and annotations name only one: ${others.join(', ')} will not be scraped`,
        remedy:
          'use --discovery operator, which writes all of them, or add a Service and a target in monitor.yml for the others',
      }),
      ...changed.map(([label, value]) => ({
        code: 'label',
        subject: container,
        message: `container ${container}: "${value}" is not a valid value of the label ${label}; its Pods get "${labelValue(value)}"`,
        remedy: `use that value in queries that select ${label}`,
      })),
      ...when(objectName(container) !== container, {
        code: 'name',
        subject: container,
        message: `container ${container}: that is not a valid name of a Deployment; the patch is for ${objectName(container)}`,
        remedy: 'set the name of your Deployment in the patch',
      }),
    ];
  });
