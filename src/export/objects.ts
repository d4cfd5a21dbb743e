import { createHash } from 'node:crypto';
import { prefixOf } from '../config/defaults.ts';
import { labelValue, objectName } from './names.ts';

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

export const scopeOf = (stack: string, namespace: string): Scope => ({
  namespace,
  stack: labelValue(stack),
  name: (component) => objectName(`${prefixOf(stack)}${component}`),
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

/** `texts`: by key. They are not in `stringData`, which `kubectl apply` writes again each time. */
export const secretOf = (
  scope: Scope,
  component: string,
  name: string,
  texts: Record<string, string>,
): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: metaOf(scope, component, name),
  type: 'Opaque',
  data: Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
});

interface WorkloadParts {
  kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  component: string;
  /** Default: the component's. */
  name?: string;
  /** What its Pods read when they start; another value rolls them. */
  reads?: readonly unknown[];
  pod: Record<string, unknown>;
  [field: string]: unknown;
}

/** Pods of a component, with what selects them. Fields beside those named are of its `spec`. */
export const workloadOf = (
  scope: Scope,
  { kind, component, name, reads, pod, ...spec }: WorkloadParts,
): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: metaOf(scope, component, name),
  spec: {
    ...spec,
    selector: { matchLabels: selectorOf(scope, component) },
    template: {
      metadata: {
        labels: labelsOf(scope, component),
        annotations: reads === undefined ? undefined : { 'checksum/config': checksum(reads) },
      },
      // No program here reads the variables that Kubernetes sets for each Service.
      spec: { enableServiceLinks: false, ...pod },
    },
  },
});

const checksum = (data: unknown): string =>
  createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 16);

export interface PodVolume {
  name: string;
  mountPath: string;
  source: Record<string, unknown>;
  isWritten?: boolean;
}

export const volumesOf = (volumes: readonly PodVolume[]) => volumes.map(({ name, source }) => ({ name, ...source }));

export const mountsOf = (volumes: readonly PodVolume[]) =>
  volumes.map(({ name, mountPath, isWritten }) => ({
    name,
    mountPath,
    readOnly: isWritten === true ? undefined : true,
  }));

/**
 * `kubectl apply` keeps the whole object in an annotation, and all annotations of an object have 262,144 bytes.
 * Source: Kubernetes apimachinery, pkg/api/validation/objectmeta.go, TotalAnnotationSizeLimitB.
 */
const LIMIT = 262_144;
/** For the annotation's own name, and for what else an object carries. */
const ROOM = 1024;

export const isApplicable = (object: KubernetesObject): boolean =>
  Buffer.byteLength(JSON.stringify(object)) <= LIMIT - ROOM;

export const configMapOf = (
  scope: Scope,
  component: string,
  name: string,
  data: Record<string, string>,
): KubernetesObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: metaOf(scope, component, name), data });

/** A text in parts, each of which a ConfigMap can carry, once that is JSON in JSON. */
export const partsOf = (text: string): string[] => {
  const parts: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const character of text) {
    const bytes = Buffer.byteLength(JSON.stringify(character)) - 2;
    if (size + bytes > LIMIT - 2 * ROOM) {
      parts.push([]);
      size = 0;
    }
    parts.at(-1)?.push(character);
    size += bytes;
  }
  return parts.map((part) => part.join(''));
};

export const projectionOf = (maps: readonly KubernetesObject[]) => ({
  projected: { sources: maps.map(({ metadata: { name } }) => ({ configMap: { name } })) },
});

export const claimSpec = (storage: string) => ({
  accessModes: ['ReadWriteOnce'],
  resources: { requests: { storage } },
});

/**
 * In full, as the API keeps it: it compares the list as a whole, and what it adds itself would be a change at the next
 * `kubectl apply`.
 */
export const claimTemplate = (name: string, storage: string) => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name },
  spec: { ...claimSpec(storage), volumeMode: 'Filesystem' },
  status: { phase: 'Pending' },
});

/** No privilege, as the stack's containers have none. */
export const UNPRIVILEGED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } } as const;

export const SECCOMP = { seccompProfile: { type: 'RuntimeDefault' } } as const;

/**
 * The user of a Pod that writes to its volume: the image's own. `user`: as the image has it, `472:0` or a name; `usual`: the
 * number to take where that has none.
 */
export const podUser = (user: string | undefined, usual: number) => {
  const uid = Number(/^\d+/.exec(user ?? '')?.[0] ?? usual) || usual;
  return { runAsUser: uid, runAsGroup: uid, runAsNonRoot: true, fsGroup: uid, ...SECCOMP };
};
