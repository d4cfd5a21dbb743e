import { labelValue, objectName } from './names.ts';

/** An object as the Kubernetes API takes it. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Where the objects of one stack are, and what they are called. */
export interface Scope {
  namespace: string;
  /** The stack's name, as a label has it. */
  stack: string;
  /** The name of one of its objects: that of a stack with another name than the default begins with it. */
  name: (component: string) => string;
}

export const scopeOf = (stack: string, prefix: string, namespace: string): Scope => ({
  namespace,
  stack: labelValue(stack),
  name: (component) => objectName(`${prefix}${component}`),
});

/** What tells the Pods of a component from all others in the namespace. Source: Kubernetes' "Recommended Labels". */
export const selectorOf = ({ stack }: Scope, component: string): Record<string, string> => ({
  'app.kubernetes.io/name': component,
  'app.kubernetes.io/instance': stack,
});

export const labelsOf = (scope: Scope, component: string): Record<string, string> => ({
  ...selectorOf(scope, component),
  'app.kubernetes.io/managed-by': 'monitor',
});

export const metaOf = (scope: Scope, component: string, name = scope.name(component)): ObjectMeta => ({
  name,
  namespace: scope.namespace,
  labels: labelsOf(scope, component),
});

export const serviceOf = (
  scope: Scope,
  component: string,
  port: { name: string; port: number },
  options: { headless?: boolean; name?: string; selector?: Record<string, string> } = {},
): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metaOf(scope, component, options.name),
  spec: {
    clusterIP: options.headless === true ? 'None' : undefined,
    selector: options.selector ?? selectorOf(scope, component),
    ports: [{ ...port, targetPort: port.name }],
  },
});

export const secretOf = (
  scope: Scope,
  component: string,
  name: string,
  stringData: Record<string, string>,
): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metaOf(scope, component, name),
  type: 'Opaque',
  stringData,
});

/** No privilege, as the stack's containers have none. */
export const UNPRIVILEGED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
} as const;

export const SECCOMP = { seccompProfile: { type: 'RuntimeDefault' } } as const;
