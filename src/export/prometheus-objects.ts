import { checksum, configMapOf, groupsOf, isApplicable } from './config-maps.ts';
import {
  type KubernetesObject,
  labelsOf,
  metaOf,
  type Scope,
  SECCOMP,
  secretOf,
  selectorOf,
  serviceOf,
  UNPRIVILEGED,
} from './objects.ts';
import { type ClusterScrapes, jobTexts, prometheusYml, scrapeConfigsYml } from './prometheus-config.ts';
import type { ExportInput } from './stack-input.ts';
import { storageOf } from './storage.ts';

const PORT = { name: 'web', port: 9090 };
const CONFIG_FOLDER = '/etc/prometheus';
/** Not below the other: a volume cannot be mounted into a read-only one. */
export const FILES_FOLDER = '/etc/prometheus-files';

/** `nobody`, as the image's Dockerfile has it. */
const USER = 65_534;
export const PROMETHEUS_USER = { runAsUser: USER, runAsGroup: USER, runAsNonRoot: true, fsGroup: USER };
export const PROMETHEUS_RESOURCES = { requests: { cpu: '100m', memory: '512Mi' } };

export interface PrometheusObjects {
  objects: KubernetesObject[];
  notices: string[];
}

/** The StatefulSet with all that it reads. Pure. */
export const prometheusObjects = (input: ExportInput, scope: Scope, scrapes: ClusterScrapes): PrometheusObjects => {
  const { configMaps, notices } = configMapsOf(input, scope, scrapes);
  const hasFiles = Object.keys(scrapes.files).length > 0;
  const secret = secretOf(scope, 'prometheus', scope.name('prometheus-files'), scrapes.files);
  return {
    objects: [
      ...configMaps,
      ...(hasFiles ? [secret] : []),
      serviceOf(scope, 'prometheus', PORT, { headless: true }),
      statefulSet(input, scope, scrapes, configMaps, hasFiles ? secret.metadata.name : undefined),
    ],
    notices,
  };
};

/** One ConfigMap, or as many as it takes: then the scrape configs are in files of their own. */
const configMapsOf = (
  { config: { scrape_interval } }: ExportInput,
  scope: Scope,
  scrapes: ClusterScrapes,
): { configMaps: KubernetesObject[]; notices: string[] } => {
  const name = scope.name('prometheus-config');
  const map = (suffix: string, data: Record<string, string>) =>
    configMapOf(scope, 'prometheus', `${name}${suffix}`, data);
  const jobs = jobTexts(scrapes);
  const whole = map('', { 'prometheus.yml': prometheusYml(scrape_interval, {}, scrapeConfigsYml(jobs)) });
  if (isApplicable(whole)) return { configMaps: [whole], notices: [] };
  const first = map('', {
    'prometheus.yml': prometheusYml(scrape_interval, { scrape_config_files: [`${CONFIG_FOLDER}/scrape-*.yml`] }),
  });
  const rest = groupsOf(jobs).map((group, n) =>
    map(`-${n + 1}`, { [`scrape-${String(n + 1).padStart(3, '0')}.yml`]: scrapeConfigsYml(group) }),
  );
  const notice = `prometheus.yml is more than one ConfigMap can carry, so its scrape configs are in ${rest.length} others, which takes Prometheus 2.43 or newer`;
  return { configMaps: [first, ...rest], notices: [notice] };
};

const statefulSet = (
  input: ExportInput,
  scope: Scope,
  scrapes: ClusterScrapes,
  configMaps: readonly KubernetesObject[],
  filesSecret: string | undefined,
): KubernetesObject => {
  const { config } = input;
  const storage = storageOf(config.prometheus, config.scrape_interval, targetCount(input));
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metaOf(scope, 'prometheus'),
    spec: {
      serviceName: scope.name('prometheus'),
      replicas: 1,
      selector: { matchLabels: selectorOf(scope, 'prometheus') },
      template: {
        metadata: {
          labels: labelsOf(scope, 'prometheus'),
          annotations: {
            'checksum/config': checksum(
              configMaps.map((c) => c['data']),
              scrapes.files,
            ),
          },
        },
        spec: {
          serviceAccountName: scope.name('prometheus'),
          enableServiceLinks: false,
          securityContext: { ...PROMETHEUS_USER, ...SECCOMP },
          terminationGracePeriodSeconds: 120,
          containers: [
            {
              name: 'prometheus',
              image: config.prometheus.image,
              args: [
                `--config.file=${CONFIG_FOLDER}/prometheus.yml`,
                '--storage.tsdb.path=/prometheus',
                `--storage.tsdb.retention.time=${config.prometheus.retention.time}`,
                `--storage.tsdb.retention.size=${storage.retentionSize}`,
              ],
              ports: [{ name: PORT.name, containerPort: PORT.port }],
              // It replays its log first, which may take minutes.
              startupProbe: { httpGet: { path: '/-/ready', port: PORT.name }, periodSeconds: 5, failureThreshold: 180 },
              readinessProbe: { httpGet: { path: '/-/ready', port: PORT.name } },
              livenessProbe: { httpGet: { path: '/-/healthy', port: PORT.name }, failureThreshold: 6 },
              resources: PROMETHEUS_RESOURCES,
              securityContext: { ...UNPRIVILEGED, readOnlyRootFilesystem: true },
              volumeMounts: [
                { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
                ...(filesSecret === undefined ? [] : [{ name: 'files', mountPath: FILES_FOLDER, readOnly: true }]),
                { name: 'data', mountPath: '/prometheus' },
              ],
            },
          ],
          volumes: [
            {
              name: 'config',
              projected: { sources: configMaps.map((c) => ({ configMap: { name: c.metadata.name } })) },
            },
            ...(filesSecret === undefined ? [] : [{ name: 'files', secret: { secretName: filesSecret } }]),
          ],
        },
      },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claimSpec(storage.claim) }],
    },
  };
};

export const targetCount = (input: ExportInput): number =>
  input.targets.length + input.exporters.length + input.workloads.length;

export const claimSpec = (storage: string) => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage } },
});
