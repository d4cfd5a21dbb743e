import { dirname } from 'node:path/posix';
import { parseDuration, parseSize } from '../config/values.ts';
import { COMPONENTS, PROMETHEUS_CONFIG_PATH } from '../stack/components.ts';
import { when } from './lists.ts';
import type { KubernetesObject, PodVolume, Scope } from './objects.ts';
import * as k8s from './objects.ts';
import { FILES_FOLDER } from './passthrough.ts';
import { type ClusterScrapes, prometheusYml } from './prometheus-config.ts';
import type { ExportInput } from './stack-input.ts';

export const PROMETHEUS_PORT = { name: 'web', port: COMPONENTS.prometheus.port };
const DATA_FOLDER = COMPONENTS.prometheus.data;
const CONFIG_FOLDER = dirname(PROMETHEUS_CONFIG_PATH);

/** `nobody`, as the official image's Dockerfile has it. */
export const prometheusUser = ({ users }: ExportInput) => k8s.podUser(users.prometheus, 65_534);
export const PROMETHEUS_RESOURCES = { requests: { cpu: '100m', memory: '512Mi' } };

/** The StatefulSet with all that it reads. Pure. */
export const prometheusObjects = (input: ExportInput, scope: Scope, scrapes: ClusterScrapes): KubernetesObject[] => {
  const configMap = k8s.configMapOf(scope, 'prometheus', scope.name('prometheus-config'), {
    'prometheus.yml': prometheusYml(input.config.scrape_interval, scrapes),
  });
  const files = filesSecret(scope, scrapes);
  return [
    configMap,
    ...files,
    k8s.serviceOf(scope, 'prometheus', PROMETHEUS_PORT, { headless: true }),
    statefulSet(input, scope, configMap, files),
  ];
};

/** What scrape configs name, or had written out. */
export const filesSecret = (scope: Scope, { files }: ClusterScrapes): KubernetesObject[] =>
  when(Object.keys(files).length > 0, k8s.secretOf(scope, 'prometheus', scope.name('prometheus-files'), files));

const statefulSet = (
  input: ExportInput,
  scope: Scope,
  configMap: KubernetesObject,
  files: readonly KubernetesObject[],
): KubernetesObject => {
  const { prometheus } = input.config;
  const { claim, retentionSize } = storageOf(input);
  const volumes: PodVolume[] = [
    { name: 'config', mountPath: CONFIG_FOLDER, source: { configMap: { name: configMap.metadata.name } } },
    ...files.map(({ metadata: { name: secretName } }) => ({
      name: 'files',
      mountPath: FILES_FOLDER,
      source: { secret: { secretName } },
    })),
  ];
  return k8s.workloadOf(scope, {
    kind: 'StatefulSet',
    component: 'prometheus',
    serviceName: scope.name('prometheus'),
    replicas: 1,
    reads: [configMap, ...files].map((object) => object['data']),
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
            `--storage.tsdb.retention.size=${retentionSize}`,
          ],
          ports: [{ name: PROMETHEUS_PORT.name, containerPort: PROMETHEUS_PORT.port }],
          // It replays its log first, which may take minutes.
          startupProbe: {
            httpGet: { path: '/-/ready', port: PROMETHEUS_PORT.name },
            periodSeconds: 5,
            failureThreshold: 180,
          },
          readinessProbe: { httpGet: { path: '/-/ready', port: PROMETHEUS_PORT.name } },
          livenessProbe: { httpGet: { path: '/-/healthy', port: PROMETHEUS_PORT.name }, failureThreshold: 6 },
          resources: PROMETHEUS_RESOURCES,
          securityContext: { ...k8s.UNPRIVILEGED, readOnlyRootFilesystem: true },
          volumeMounts: [...k8s.mountsOf(volumes), { name: 'data', mountPath: DATA_FOLDER }],
        },
      ],
      volumes: k8s.volumesOf(volumes),
    },
    volumeClaimTemplates: [k8s.claimTemplate('data', claim)],
  });
};

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** What the data may take of the volume, which also holds the log and a block that is being written. */
const SHARE = 0.8;
const LEAST_GIB = 8;
/** What a target commonly has; Prometheus's documentation ("Storage") counts one to two bytes for a sample. */
const SERIES_PER_TARGET = 2000;
const BYTES_PER_SAMPLE = 2;

/**
 * How much a cluster's volume has to hold, and `--storage.tsdb.retention.size`. For a retention by time alone it is estimated
 * from the number of targets. Pure.
 */
export const storageOf = (input: ExportInput): { claim: string; retentionSize: string } => {
  const { scrape_interval: interval, prometheus } = input.config;
  const { retention } = prometheus;
  const targets = input.targets.length + input.exporters.length + input.workloads.length;
  if (retention.size !== undefined) {
    return {
      claim: `${Math.max(1, Math.ceil((parseSize(retention.size) ?? 0) / SHARE / GIB))}Gi`,
      retentionSize: retention.size,
    };
  }
  const samples = (parseDuration(retention.time) ?? 0) / (parseDuration(interval) || 15_000);
  const estimated = (targets * SERIES_PER_TARGET * samples * BYTES_PER_SAMPLE) / SHARE / GIB;
  // In powers of two, as the claim of a StatefulSet cannot be changed, and no more than 1 TiB.
  const claim = Math.min(1024, 2 ** Math.ceil(Math.log2(Math.max(LEAST_GIB, estimated))));
  return { claim: `${claim}Gi`, retentionSize: `${Math.floor((claim * GIB * SHARE) / MIB)}MB` };
};
