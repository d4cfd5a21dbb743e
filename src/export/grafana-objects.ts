import { checksum, configMapOf, isApplicable, partsOf } from './config-maps.ts';
import { objectNames } from './names.ts';
import {
  type KubernetesObject,
  labelsOf,
  metaOf,
  type Scope,
  SECCOMP,
  secretOf,
  selectorOf,
  serviceOf,
} from './objects.ts';
import { podContainer } from './pod-container.ts';
import { claimSpec } from './prometheus-objects.ts';
import { DASHBOARDS_FOLDER, dashboardProviderYml, datasourceYml } from './provisioning.ts';
import type { ExportedDashboard, ExportInput } from './stack-input.ts';

const PORT = { name: 'http', port: 3000 };
/** Of the image, as its Dockerfile has it. */
const USER = 472;
const CLAIM = '2Gi';
/** As Grafana's own chart calls it. */
export const PASSWORD_KEY = 'admin-password';

export interface GrafanaObjects {
  objects: KubernetesObject[];
  notices: string[];
}

/** The Deployment with its volume, its password and what it is provisioned with. Pure. */
export const grafanaObjects = (
  input: ExportInput,
  scope: Scope,
  existingSecret: string | undefined,
): GrafanaObjects => {
  const secretName = existingSecret ?? scope.name('grafana-admin');
  const pod = podContainer(input.grafana, { name: 'grafana', port: PORT, secretName, keyOf: () => PASSWORD_KEY });
  const datasources = configMapOf(scope, 'grafana', scope.name('grafana-datasources'), {
    'prometheus.yaml': datasourceYml(input.datasource, `http://${scope.name('prometheus')}:9090`),
  });
  const dashboards = dashboardMaps(input.dashboards, scope);
  const provider = configMapOf(scope, 'grafana', scope.name('grafana-dashboard-provider'), {
    'dashboards.yaml': dashboardProviderYml(input.config.name),
  });
  const provisioning = [datasources, ...(input.dashboards.length === 0 ? [] : [provider])];
  return {
    objects: [
      ...(existingSecret === undefined ? [secretOf(scope, 'grafana', secretName, pod.secretData)] : []),
      ...provisioning,
      ...dashboards.whole,
      ...dashboards.parts,
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: metaOf(scope, 'grafana', scope.name('grafana-data')),
        spec: claimSpec(CLAIM),
      },
      serviceOf(scope, 'grafana', PORT),
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: metaOf(scope, 'grafana'),
        spec: {
          replicas: 1,
          // Its volume is for one Pod at a time.
          strategy: { type: 'Recreate' },
          selector: { matchLabels: selectorOf(scope, 'grafana') },
          template: {
            metadata: {
              labels: labelsOf(scope, 'grafana'),
              annotations: {
                'checksum/config': checksum([...provisioning, ...dashboards.parts].map((c) => c['data'])),
              },
            },
            spec: podSpec(pod, scope, dashboards, provisioning),
          },
        },
      },
    ],
    notices: dashboards.notices,
  };
};

const podSpec = (
  { container, volumes }: ReturnType<typeof podContainer>,
  scope: Scope,
  dashboards: DashboardMaps,
  [datasources, provider]: readonly KubernetesObject[],
) => {
  const probe = { httpGet: { path: '/api/health', port: PORT.name } };
  const isJoined = dashboards.parts.length > 0;
  const mounts = [
    ...container.volumeMounts,
    { name: 'data', mountPath: '/var/lib/grafana' },
    { name: 'datasources', mountPath: '/etc/grafana/provisioning/datasources', readOnly: true },
    ...(provider === undefined
      ? []
      : [{ name: 'dashboard-provider', mountPath: '/etc/grafana/provisioning/dashboards', readOnly: true }]),
    ...(dashboards.whole.length === 0
      ? []
      : [{ name: 'dashboards', mountPath: `${DASHBOARDS_FOLDER}/whole`, readOnly: true }]),
    ...(isJoined ? [{ name: 'joined', mountPath: `${DASHBOARDS_FOLDER}/joined`, readOnly: true }] : []),
  ];
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsUser: USER, runAsGroup: USER, runAsNonRoot: true, fsGroup: USER, ...SECCOMP },
    initContainers: isJoined ? [joiner(container)] : undefined,
    containers: [
      {
        ...container,
        startupProbe: { ...probe, periodSeconds: 5, failureThreshold: 60 },
        readinessProbe: probe,
        livenessProbe: { ...probe, failureThreshold: 6 },
        resources: { requests: { cpu: '100m', memory: '256Mi' } },
        volumeMounts: mounts,
      },
    ],
    volumes: [
      ...volumes,
      { name: 'data', persistentVolumeClaim: { claimName: scope.name('grafana-data') } },
      ...(datasources === undefined ? [] : [{ name: 'datasources', configMap: { name: datasources.metadata.name } }]),
      ...(provider === undefined ? [] : [{ name: 'dashboard-provider', configMap: { name: provider.metadata.name } }]),
      ...(dashboards.whole.length === 0 ? [] : [{ name: 'dashboards', projected: projection(dashboards.whole) }]),
      ...(isJoined
        ? [
            { name: 'parts', projected: projection(dashboards.parts) },
            { name: 'joined', emptyDir: {} },
          ]
        : []),
    ],
  };
};

const projection = (maps: readonly KubernetesObject[]) => ({
  sources: maps.map(({ metadata: { name } }) => ({ configMap: { name } })),
});

/** Puts the parts of each dashboard together, in the order of their numbers, before Grafana starts. */
const joiner = ({ image, securityContext }: ReturnType<typeof podContainer>['container']) => ({
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

interface DashboardMaps {
  whole: KubernetesObject[];
  parts: KubernetesObject[];
  notices: string[];
}

/** One ConfigMap a dashboard; one that is larger than a ConfigMap can carry is in several. */
const dashboardMaps = (dashboards: readonly ExportedDashboard[], scope: Scope): DashboardMaps => {
  const names = objectNames(dashboards.map(({ uid }) => scope.name(`grafana-dashboard-${uid}`)));
  const maps: DashboardMaps = { whole: [], parts: [], notices: [] };
  for (const { uid, title, json } of dashboards) {
    const id = scope.name(`grafana-dashboard-${uid}`);
    const name = names.get(id) ?? id;
    const text = JSON.stringify(json);
    const whole = configMapOf(scope, 'grafana', name, { [`${uid}.json`]: text });
    if (isApplicable(whole)) {
      maps.whole.push(whole);
      continue;
    }
    const parts = partsOf(text).map((part, n) =>
      configMapOf(scope, 'grafana', `${name}-${n + 1}`, { [`${uid}.json.${String(n + 1).padStart(3, '0')}`]: part }),
    );
    maps.parts.push(...parts);
    maps.notices.push(
      `dashboard "${title}" has more than the 262,144 bytes that \`kubectl apply\` takes, so it is in ${parts.length} ConfigMaps, which an init container puts together`,
    );
  }
  return maps;
};
