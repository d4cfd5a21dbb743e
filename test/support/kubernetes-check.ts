import type { KubernetesObject } from '../../src/export/objects.ts';

/**
 * What the schemas of Kubernetes do not say, and its API server or a Pod's start would: names, labels and sizes, and that
 * whatever an object names is there. Answers what is wrong, one line each.
 */
export const complaintsAbout = (objects: readonly KubernetesObject[]): string[] => [
  ...objects.flatMap((object) => [...nameComplaints(object), ...metaComplaints(object)]),
  ...repeated(objects),
  ...objects.flatMap((object) => referenceComplaints(object, objects)),
];

const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const SERVICE = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;
const LABEL_VALUE = /^([a-zA-Z0-9]([\w.-]{0,61}[a-zA-Z0-9])?)?$/;
const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[a-zA-Z0-9]([\w.-]{0,61}[a-zA-Z0-9])?$/;
const DATA_KEY = /^(?!\.\.)[-._a-zA-Z0-9]{1,253}$/;
const PORT_NAME = /^(?=.{1,15}$)(?=.*[a-z])[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;
const CLUSTER_WIDE = ['Namespace', 'ClusterRole', 'ClusterRoleBinding'];

const called = ({ kind, metadata: { name } }: KubernetesObject): string => `${kind}/${name}`;

const nameComplaints = (object: KubernetesObject): string[] => {
  const { kind, metadata } = object;
  const { name, namespace } = metadata;
  const rule = kind === 'Service' ? SERVICE : LABEL;
  const isName = CLUSTER_WIDE.includes(kind) ? name.split('.').every((part) => LABEL.test(part)) : rule.test(name);
  const longest = kind === 'StatefulSet' ? 52 : 253;
  return [
    ...(isName && name.length <= longest ? [] : [`${called(object)}: not a name`]),
    ...(CLUSTER_WIDE.includes(kind) === (namespace === undefined) ? [] : [`${called(object)}: namespace ${namespace}`]),
    ...(namespace === undefined || LABEL.test(namespace) ? [] : [`${called(object)}: not a namespace: ${namespace}`]),
  ];
};

const metaComplaints = (object: KubernetesObject): string[] => {
  const template = record(at(object, 'spec', 'template', 'metadata'));
  const metas = [object.metadata, template];
  const pairs = metas.flatMap((meta) => [...entries(at(meta, 'labels')), ...entries(at(meta, 'annotations'))]);
  const values = metas.flatMap((meta) => entries(at(meta, 'labels')));
  const data = entries(object['data']);
  const size = Buffer.byteLength(JSON.stringify(object));
  return [
    ...pairs.filter(([key]) => !LABEL_KEY.test(key)).map(([key]) => `${called(object)}: not a key: ${key}`),
    ...pairs.filter(([, v]) => typeof v !== 'string').map(([key]) => `${called(object)}: ${key} is not text`),
    ...values
      .filter(([, v]) => !LABEL_VALUE.test(String(v)))
      .map(([key, v]) => `${called(object)}: label ${key}: ${v}`),
    ...data.filter(([key]) => !DATA_KEY.test(key)).map(([key]) => `${called(object)}: not a key of data: ${key}`),
    ...data.filter(([, v]) => typeof v !== 'string').map(([key]) => `${called(object)}: ${key} is not text`),
    ...(size < 262_144 ? [] : [`${called(object)}: ${size} bytes`]),
    ...(JSON.stringify(object['spec'] ?? {}).includes(':[]')
      ? [`${called(object)}: an empty list, which the API does not keep`]
      : []),
    ...[...list(at(object, 'spec', 'endpoints')), ...list(at(object, 'spec', 'podMetricsEndpoints'))]
      .flatMap((endpoint) => list(at(endpoint, 'relabelings')))
      .filter((step) => at(step, 'action') === undefined)
      .map(() => `${called(object)}: a relabeling without the action that the API adds`),
    ...(object['stringData'] === undefined ? [] : [`${called(object)}: stringData, which is written at each apply`]),
  ];
};

const repeated = (objects: readonly KubernetesObject[]): string[] => {
  const seen = new Set<string>();
  return objects.flatMap((object) => {
    const key = `${called(object)} in ${object.metadata.namespace}`;
    if (seen.has(key)) return [`${key}: twice`];
    seen.add(key);
    return [];
  });
};

const referenceComplaints = (object: KubernetesObject, all: readonly KubernetesObject[]): string[] => {
  const say = (what: string): string => `${called(object)}: ${what}`;
  switch (object.kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
      return podComplaints(object, all).map(say);
    case 'Service':
      return serviceComplaints(object, all).map(say);
    case 'ServiceMonitor':
      return monitorComplaints(object, all).map(say);
    case 'ClusterRoleBinding': {
      const role = at(object, 'roleRef', 'name');
      const subjects = list(at(object, 'subjects'));
      return [
        ...(has(all, 'ClusterRole', role) ? [] : [say(`no ClusterRole ${role}`)]),
        ...subjects
          .filter((s) => !has(all, 'ServiceAccount', at(s, 'name'), at(s, 'namespace')))
          .map((s) => say(`no ServiceAccount ${at(s, 'name')}`)),
      ];
    }
    case 'Prometheus':
      return [
        ...(has(all, 'ServiceAccount', at(object, 'spec', 'serviceAccountName')) ? [] : [say('no ServiceAccount')]),
        ...list(at(object, 'spec', 'secrets'))
          .filter((s) => !has(all, 'Secret', s))
          .map((s) => say(`no Secret ${s}`)),
      ];
    default:
      return [];
  }
};

const podComplaints = (object: KubernetesObject, all: readonly KubernetesObject[]): string[] => {
  const spec = at(object, 'spec', 'template', 'spec');
  const labels = record(at(object, 'spec', 'template', 'metadata', 'labels'));
  const claims = list(at(object, 'spec', 'volumeClaimTemplates')).map((c) => String(at(c, 'metadata', 'name')));
  const volumes = [...list(at(spec, 'volumes')).map((v) => String(at(v, 'name'))), ...claims];
  const containers = [...list(at(spec, 'containers')), ...list(at(spec, 'initContainers'))];
  const mounts = containers.flatMap((c) => list(at(c, 'volumeMounts')));
  const mounted = mounts.map((m) => String(at(m, 'name')));
  const paths = mounts.map((m) => String(at(m, 'mountPath')));
  const ports = containers.flatMap((c) => list(at(c, 'ports')).map((p) => String(at(p, 'name'))));
  const probed = containers.flatMap((c) =>
    ['startupProbe', 'readinessProbe', 'livenessProbe'].flatMap((p) => {
      const port = at(c, p, 'httpGet', 'port') ?? at(c, p, 'tcpSocket', 'port');
      return port === undefined ? [] : [String(port)];
    }),
  );
  const account = at(spec, 'serviceAccountName');
  const selector = at(object, 'spec', 'selector', 'matchLabels');
  return [
    ...(isRestricted(spec) || object.kind === 'DaemonSet' ? [] : ['more than Pod Security "restricted" lets it be']),
    ...(isSelected(labels, selector) ? [] : ['its selector does not select its Pods']),
    ...mounted.filter((m) => !volumes.includes(m)).map((m) => `mounts ${m}, which is not a volume`),
    ...volumes.filter((v) => !mounted.includes(v)).map((v) => `volume ${v} is not mounted`),
    ...volumes.filter((v, n) => volumes.indexOf(v) !== n).map((v) => `volume ${v} twice`),
    ...(object.kind !== 'Deployment' ? paths.filter((p, n) => paths.indexOf(p) !== n).map((p) => `${p} twice`) : []),
    ...paths
      .filter((p) => paths.some((other) => other !== p && p.startsWith(`${other}/`)))
      .map((p) => `${p} is mounted into another volume`),
    ...ports.filter((p) => !PORT_NAME.test(p)).map((p) => `not the name of a port: ${p}`),
    ...probed.filter((p) => !ports.includes(p)).map((p) => `probes ${p}, which is not a port`),
    ...(account === undefined || has(all, 'ServiceAccount', account) ? [] : [`no ServiceAccount ${account}`]),
    ...list(at(spec, 'volumes')).flatMap((v) => volumeComplaints(v, all)),
    ...containers
      .flatMap((c) => list(at(c, 'env')))
      .flatMap((variable) => keyComplaints(at(variable, 'valueFrom', 'secretKeyRef'), all)),
    ...subPathComplaints(mounts, list(at(spec, 'volumes')), all),
  ];
};

/** Source: Kubernetes' "Pod Security Standards". */
const isRestricted = (spec: unknown): boolean => {
  const pod = at(spec, 'securityContext');
  return (
    at(pod, 'runAsNonRoot') === true &&
    at(pod, 'runAsUser') !== 0 &&
    at(pod, 'seccompProfile', 'type') === 'RuntimeDefault' &&
    [...list(at(spec, 'containers')), ...list(at(spec, 'initContainers'))]
      .map((c) => at(c, 'securityContext'))
      .every(
        (own) => at(own, 'allowPrivilegeEscalation') === false && list(at(own, 'capabilities', 'drop'))[0] === 'ALL',
      )
  );
};

/** Of a Secret that somebody else makes nothing is known. */
const EXISTING = 'existing-secret';

const volumeComplaints = (volume: unknown, all: readonly KubernetesObject[]): string[] => {
  const maps = [
    at(volume, 'configMap', 'name'),
    ...list(at(volume, 'projected', 'sources')).map((s) => at(s, 'configMap', 'name')),
  ];
  const secret = at(volume, 'secret', 'secretName');
  const claim = at(volume, 'persistentVolumeClaim', 'claimName');
  return [
    ...maps.filter((m) => m !== undefined && !has(all, 'ConfigMap', m)).map((m) => `no ConfigMap ${m}`),
    ...(secret === undefined || secret === EXISTING || has(all, 'Secret', secret) ? [] : [`no Secret ${secret}`]),
    ...(claim === undefined || has(all, 'PersistentVolumeClaim', claim) ? [] : [`no claim ${claim}`]),
  ];
};

const keyComplaints = (reference: unknown, all: readonly KubernetesObject[]): string[] => {
  const [name, key] = [at(reference, 'name'), at(reference, 'key')];
  const secret = all.find((o) => o.kind === 'Secret' && o.metadata.name === name);
  return reference === undefined || name === EXISTING || record(secret?.['data'])[String(key)] !== undefined
    ? []
    : [`no key ${key} in Secret ${name}`];
};

const subPathComplaints = (
  mounts: readonly unknown[],
  volumes: readonly unknown[],
  all: readonly KubernetesObject[],
): string[] =>
  mounts.flatMap((mount) => {
    const key = at(mount, 'subPath');
    const volume = volumes.find((v) => at(v, 'name') === at(mount, 'name'));
    const name = at(volume, 'secret', 'secretName');
    return key === undefined ? [] : keyComplaints({ name, key }, all);
  });

const serviceComplaints = (service: KubernetesObject, all: readonly KubernetesObject[]): string[] => {
  const selector = at(service, 'spec', 'selector');
  if (record(selector)['operator.prometheus.io/name'] !== undefined) return [];
  const selected = all.filter(
    (o) =>
      ['Deployment', 'StatefulSet', 'DaemonSet'].includes(o.kind) &&
      isSelected(record(at(o, 'spec', 'template', 'metadata', 'labels')), selector),
  );
  if (selected.length !== 1) return [`selects the Pods of ${selected.length} workloads`];
  const ports = list(at(selected[0], 'spec', 'template', 'spec', 'containers')).flatMap((c) =>
    list(at(c, 'ports')).map((p) => at(p, 'name')),
  );
  return list(at(service, 'spec', 'ports'))
    .map((p) => at(p, 'targetPort'))
    .filter((p) => !ports.includes(p))
    .map((p) => `its Pods have no port ${p}`);
};

const monitorComplaints = (monitor: KubernetesObject, all: readonly KubernetesObject[]): string[] => {
  const selected = all.filter(
    (o) =>
      o.kind === 'Service' && isSelected(record(o.metadata.labels), at(monitor, 'spec', 'selector', 'matchLabels')),
  );
  if (selected.length !== 1) return [`selects ${selected.length} Services`];
  const ports = list(at(selected[0], 'spec', 'ports')).map((p) => at(p, 'name'));
  return list(at(monitor, 'spec', 'endpoints'))
    .map((e) => at(e, 'port'))
    .filter((p) => !ports.includes(p))
    .map((p) => `its Service has no port ${p}`);
};

const isSelected = (labels: Record<string, unknown>, selector: unknown): boolean =>
  entries(selector).length > 0 && entries(selector).every(([key, value]) => labels[key] === value);

const has = (all: readonly KubernetesObject[], kind: string, name: unknown, namespace?: unknown): boolean =>
  all.some(
    (o) =>
      o.kind === kind && o.metadata.name === name && (namespace === undefined || o.metadata.namespace === namespace),
  );

/** What is at a path in data of any shape. */
export const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );

/** What a Secret has, as the programs that read it get it. */
export const secretTexts = (secret: unknown): Record<string, string> =>
  Object.fromEntries(entries(at(secret, 'data')).map(([key, v]) => [key, Buffer.from(String(v), 'base64').toString()]));

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const record = (value: unknown): Record<string, unknown> => Object.fromEntries(entries(value));
const entries = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];
