import { COMPONENTS } from '../stack/components.ts';
import { orNone, when } from './lists.ts';
import { objectNames } from './names.ts';
import type { KubernetesObject, PodVolume, Scope } from './objects.ts';
import * as k8s from './objects.ts';
import { type PodContainer, podContainer } from './pod-container.ts';
import { DASHBOARDS_FOLDER, PROVISIONING_FOLDER, provisioningFiles } from './provisioning.ts';
import type { ExportedDashboard, ExportInput } from './stack-input.ts';

const PORT = { name: 'http', port: COMPONENTS.grafana.port };
const CLAIM = '2Gi';
/** As Grafana's own chart calls it. */
export const PASSWORD_KEY = 'admin-password';

/** The Deployment with its volume, its password and what it is provisioned with. Pure. */
export const grafanaObjects = (
  input: ExportInput,
  scope: Scope,
  existingSecret: string | undefined,
): { objects: KubernetesObject[]; notices: string[] } => {
  const secretName = existingSecret ?? scope.name('grafana-admin');
  const pod = podContainer(input.grafana, { name: 'grafana', port: PORT, secretName, keyOf: () => PASSWORD_KEY });
  const { whole, parts, notices } = dashboardMaps(input.dashboards, scope);
  const url = `http://${scope.name('prometheus')}:${COMPONENTS.prometheus.port}`;
  const files = provisioningFiles(input.config.name, { ...input.datasource, url }, input.dashboards);
  const provisioning = files.map(({ kind, text }) => ({
    kind,
    map: k8s.configMapOf(scope, 'grafana', scope.name(`grafana-${kind}`), { 'monitor.yaml': text }),
  }));
  const claim = scope.name('grafana-data');
  const volumes: PodVolume[] = [
    {
      name: 'data',
      mountPath: COMPONENTS.grafana.data,
      source: { persistentVolumeClaim: { claimName: claim } },
      isWritten: true,
    },
    ...provisioning.map(({ kind, map }) => ({
      name: kind,
      mountPath: `${PROVISIONING_FOLDER}/${kind}`,
      source: { configMap: { name: map.metadata.name } },
    })),
    ...when(whole.length > 0, {
      name: 'whole',
      mountPath: `${DASHBOARDS_FOLDER}/whole`,
      source: k8s.projectionOf(whole),
    }),
    ...when(parts.length > 0, { name: 'joined', mountPath: `${DASHBOARDS_FOLDER}/joined`, source: { emptyDir: {} } }),
  ];
  const maps = provisioning.map(({ map }) => map);
  return {
    objects: [
      ...when(existingSecret === undefined, k8s.secretOf(scope, 'grafana', secretName, pod.secretData)),
      ...maps,
      ...whole,
      ...parts,
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: k8s.metaOf(scope, 'grafana', claim),
        spec: k8s.claimSpec(CLAIM),
      },
      k8s.serviceOf(scope, 'grafana', PORT),
      k8s.workloadOf(scope, {
        kind: 'Deployment',
        component: 'grafana',
        replicas: 1,
        // Its volume is for one Pod at a time.
        strategy: { type: 'Recreate' },
        // Whole dashboards are read again while it runs.
        reads: [...maps, ...parts].map((c) => c['data']),
        pod: podOf(input, pod, parts, volumes),
      }),
    ],
    notices,
  };
};

const podOf = (
  { users }: ExportInput,
  { container, volumeMounts, volumes: secrets }: PodContainer,
  parts: readonly KubernetesObject[],
  volumes: readonly PodVolume[],
) => {
  const probe = { httpGet: { path: '/api/health', port: PORT.name } };
  return {
    automountServiceAccountToken: false,
    // As the official image's Dockerfile has it.
    securityContext: k8s.podUser(users.grafana, 472),
    initContainers: orNone(when(parts.length > 0, joiner(container))),
    containers: [
      {
        ...container,
        startupProbe: { ...probe, periodSeconds: 5, failureThreshold: 60 },
        readinessProbe: probe,
        livenessProbe: { ...probe, failureThreshold: 6 },
        resources: { requests: { cpu: '100m', memory: '256Mi' } },
        volumeMounts: [...volumeMounts, ...k8s.mountsOf(volumes)],
      },
    ],
    volumes: [
      ...secrets,
      ...k8s.volumesOf(volumes),
      ...when(parts.length > 0, { name: 'parts', ...k8s.projectionOf(parts) }),
    ],
  };
};

/** Puts the parts of each dashboard together, in the order of their numbers, before Grafana starts. */
const joiner = ({ image, securityContext }: PodContainer['container']) => ({
  name: 'join-dashboards',
  image,
  // `$$` is `$` to Kubernetes.
  command: [
    'sh',
    '-c',
    'cd /parts && for part in *.001; do name=$$(basename "$part" .001); cat "$name".* > "/joined/$name"; done',
  ],
  securityContext,
  volumeMounts: [
    { name: 'parts', mountPath: '/parts', readOnly: true },
    { name: 'joined', mountPath: '/joined' },
  ],
});

/** One ConfigMap a dashboard; one that is larger than a ConfigMap can carry is in several. */
const dashboardMaps = (dashboards: readonly ExportedDashboard[], scope: Scope) => {
  const idOf = (uid: string): string => scope.name(`grafana-dashboard-${uid}`);
  const nameOf = objectNames(dashboards.map(({ uid }) => idOf(uid)));
  const whole: KubernetesObject[] = [];
  const parts: KubernetesObject[] = [];
  const notices: string[] = [];
  for (const { uid, title, json } of dashboards) {
    const name = nameOf(idOf(uid));
    const text = JSON.stringify(json);
    const map = k8s.configMapOf(scope, 'grafana', name, { [`${uid}.json`]: text });
    if (k8s.isApplicable(map)) {
      whole.push(map);
      continue;
    }
    const split = k8s.partsOf(text).map((part, n) => {
      const key = `${uid}.json.${String(n + 1).padStart(3, '0')}`;
      return k8s.configMapOf(scope, 'grafana', `${name}-${n + 1}`, { [key]: part });
    });
    parts.push(...split);
    notices.push(
      `dashboard "${title}" is larger than the 262,144 bytes that \`kubectl apply\` can carry, so it is in ${split.length} ConfigMaps, which an init container joins`,
    );
  }
  return { whole, parts, notices };
};
