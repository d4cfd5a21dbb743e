import { type KubernetesObject, labelsOf, metaOf, type Scope } from './objects.ts';
import type { Discovery } from './prometheus-config.ts';

/**
 * The account of Prometheus, and what it may read: what the discovery that is written lists and watches, and no more.
 * ClusterRoles have no namespace, so it is part of their name. Pure.
 */
export const accountObjects = (scope: Scope, discovery: Discovery, hasNodes: boolean): KubernetesObject[] => {
  const account = metaOf(scope, 'prometheus');
  const clusterWide = { name: `${account.name}.${scope.namespace}`, labels: labelsOf(scope, 'prometheus') };
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: clusterWide.name };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: clusterWide,
      rules: rulesOf(discovery, hasNodes),
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: clusterWide,
      roleRef: role,
      subjects: [{ kind: 'ServiceAccount', name: account.name, namespace: scope.namespace }],
    },
  ];
};

const READ = ['list', 'watch'];

/** The operator's monitors find Pods by Services and their endpoints; which kind of endpoints, its version decides. */
const rulesOf = (discovery: Discovery, hasNodes: boolean) => [
  { apiGroups: [''], resources: ['pods', ...(discovery === 'operator' ? ['services', 'endpoints'] : [])], verbs: READ },
  ...(discovery === 'operator'
    ? [{ apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ }]
    : []),
  ...(hasNodes
    ? [
        { apiGroups: [''], resources: ['nodes'], verbs: READ },
        // The kubelet asks whether this is allowed. Source: Kubernetes' "Kubelet authentication/authorization".
        { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
      ]
    : []),
];
