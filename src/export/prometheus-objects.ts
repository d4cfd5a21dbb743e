import { dirname } from 'node:path/posix';
import { COMPONENTS, PROMETHEUS_CONFIG_PATH } from '../stack/components.ts';
import { configMapOf, groupsOf, isApplicable } from './config-maps.ts';
import { when } from './lists.ts';
import {
  claimTemplate,
  type KubernetesObject,
  mountsOf,
  type ObjectsWithNotices,
  type PodVolume,
  podUser,
  projectionOf,
  type Scope,
  secretOf,
  serviceOf,
  UNPRIVILEGED,
  volumesOf,
  workloadOf,
} from './objects.ts';
import { FILES_FOLDER } from './passthrough.ts';
import { type ClusterScrapes, jobTexts, prometheusYml, scrapeConfigsYml } from './prometheus-config.ts';
import type { ExportInput } from './stack-input.ts';
import { storageOf } from './storage.ts';

export const PROMETHEUS_PORT = { name: 'web', port: COMPONENTS.prometheus.port };
const PORT = PROMETHEUS_PORT;
const DATA_FOLDER = COMPONENTS.prometheus.data;
const CONFIG_FOLDER = dirname(PROMETHEUS_CONFIG_PATH);

/** `nobody`, as the official image's Dockerfile has it. */
export const prometheusUser = ({ users }: ExportInput) => podUser(users.prometheus, 65_534);
export const PROMETHEUS_RESOURCES = { requests: { cpu: '100m', memory: '512Mi' } };

/** The StatefulSet with all that it reads. Pure. */
export const prometheusObjects = (input: ExportInput, scope: Scope, scrapes: ClusterScrapes): ObjectsWithNotices => {
  const { configMaps, notices } = configMapsOf(input, scope, scrapes);
  const hasFiles = Object.keys(scrapes.files).length > 0;
  const secret = secretOf(scope, 'prometheus', scope.name('prometheus-files'), scrapes.files);
  return {
    objects: [
      ...configMaps,
      ...when(hasFiles, secret),
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
  const notice = `prometheus.yml is too large for one ConfigMap, so its scrape configs are in ${rest.length} more, which needs Prometheus 2.43 or newer`;
  return { configMaps: [first, ...rest], notices: [notice] };
};

const statefulSet = (
  input: ExportInput,
  scope: Scope,
  scrapes: ClusterScrapes,
  configMaps: readonly KubernetesObject[],
  filesSecret: string | undefined,
): KubernetesObject => {
  const { prometheus, scrape_interval } = input.config;
  const storage = storageOf(prometheus, scrape_interval, targetCount(input));
  const volumes: PodVolume[] = [
    { name: 'config', mountPath: CONFIG_FOLDER, source: projectionOf(configMaps) },
    ...when(filesSecret !== undefined, {
      name: 'files',
      mountPath: FILES_FOLDER,
      source: { secret: { secretName: filesSecret } },
    }),
  ];
  return workloadOf(scope, {
    kind: 'StatefulSet',
    component: 'prometheus',
    serviceName: scope.name('prometheus'),
    replicas: 1,
    reads: [configMaps.map((c) => c['data']), scrapes.files],
    pod: {
      serviceAccountName: scope.name('prometheus'),
      securityContext: prometheusUser(input),
      terminationGracePeriodSeconds: 120,
      containers: [
        {
          name: 'prometheus',
          image: prometheus.image,
          args: [
            `--config.file=${PROMETHEUS_CONFIG_PATH}`,
            `--storage.tsdb.path=${DATA_FOLDER}`,
            `--storage.tsdb.retention.time=${prometheus.retention.time}`,
            `--storage.tsdb.retention.size=${storage.retentionSize}`,
          ],
          ports: [{ name: PORT.name, containerPort: PORT.port }],
          // It replays its log first, which may take minutes.
          startupProbe: { httpGet: { path: '/-/ready', port: PORT.name }, periodSeconds: 5, failureThreshold: 180 },
          readinessProbe: { httpGet: { path: '/-/ready', port: PORT.name } },
          livenessProbe: { httpGet: { path: '/-/healthy', port: PORT.name }, failureThreshold: 6 },
          resources: PROMETHEUS_RESOURCES,
          securityContext: { ...UNPRIVILEGED, readOnlyRootFilesystem: true },
          volumeMounts: [...mountsOf(volumes), { name: 'data', mountPath: DATA_FOLDER }],
        },
      ],
      volumes: volumesOf(volumes),
    },
    volumeClaimTemplates: [claimTemplate('data', storage.claim)],
  });
};

export const targetCount = (input: ExportInput): number =>
  input.targets.length + input.exporters.length + input.workloads.length;
