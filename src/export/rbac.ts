import { asRecord, objectsIn } from '../json.ts';
import { when } from './lists.ts';
import { type KubernetesObject, labelsOf, metaOf, type Scope } from './objects.ts';
import type { ClusterScrapes, Discovery } from './prometheus-config.ts';

/**
 * The account of Prometheus, and what it may read: what the discovery that is written lists and watches, and no more.
 * ClusterRoles have no namespace, so it is part of their name. Pure.
 */
export const accountObjects = (
  scope: Scope,
  scrapes: Pick<ClusterScrapes, 'own' | 'passed'>,
  discovery: Discovery,
  hasKubelet: boolean,
): KubernetesObject[] => {
  const account = metaOf(scope, 'prometheus');
  const metadata = { name: `${account.name}.${scope.namespace}`, labels: labelsOf(scope, 'prometheus') };
  const apiVersion = `${RBAC}/v1`;
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    { apiVersion, kind: 'ClusterRole', metadata, rules: rulesOf(scrapes, discovery, hasKubelet) },
    {
      apiVersion,
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: account.name, namespace: scope.namespace }],
    },
  ];
};

const RBAC = 'rbac.authorization.k8s.io';

/** What the API is asked for by each role. Source: Prometheus's discovery/kubernetes/kubernetes.go. */
const RESOURCES: Readonly<Record<string, readonly string[]>> = {
  pod: ['pods'],
  node: ['nodes'],
  service: ['services'],
  endpoints: ['endpoints', 'services', 'pods'],
  endpointslice: ['endpointslices.discovery.k8s.io', 'services', 'pods'],
  ingress: ['ingresses.networking.k8s.io'],
};

/** The operator's monitors find Pods by Services and their endpoints; which kind of endpoints, its version decides. */
const OPERATOR_ROLES = ['pod', 'endpoints', 'endpointslice'];

const rulesOf = (
  { own, passed }: Pick<ClusterScrapes, 'own' | 'passed'>,
  discovery: Discovery,
  hasKubelet: boolean,
) => {
  const written = [...own, ...passed].flatMap((job) => discoveredResources(job['kubernetes_sd_configs']));
  const implied = discovery === 'operator' ? OPERATOR_ROLES.flatMap((role) => RESOURCES[role] ?? []) : [];
  const resources = [...new Set([...implied, ...written])];
  const groups = [...new Set(resources.map(groupOf))];
  return [
    ...groups.map((group) => ({
      apiGroups: [group],
      resources: resources.filter((one) => groupOf(one) === group).map((one) => one.split('.')[0]),
      verbs: ['list', 'watch'],
    })),
    // The kubelet asks whether this is allowed. Source: Kubernetes' "Kubelet authentication/authorization".
    ...when(hasKubelet, { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] }),
  ];
};

const groupOf = (resource: string): string => resource.split('.').slice(1).join('.');

/** Of the cluster that Prometheus runs in: another API server has accounts of its own. */
const discoveredResources = (configs: unknown): string[] =>
  objectsIn(configs).flatMap((config) => {
    if (config['api_server'] !== undefined || config['kubeconfig_file'] !== undefined) return [];
    const attached = asRecord(config['attach_metadata']);
    return [
      ...(RESOURCES[String(config['role'])] ?? []),
      ...when(attached['node'] === true, 'nodes'),
      ...when(attached['namespace'] === true, 'namespaces'),
    ];
  });
