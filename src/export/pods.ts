import { asRecord, textMap } from '../json.ts';
import type { Listed, Lists } from './api-server.ts';
import { hash } from './names.ts';
import type { KubernetesObject, ObjectMeta } from './objects.ts';
import type { Workload } from './stack-input.ts';
import { deployed, podAnnotations, podLabels } from './workloads.ts';

const NODE = 'node-1';
const tcpPort = (containerPort: number) => ({ containerPort, protocol: 'TCP' });

/**
 * A cluster of one node on which everything runs: the Pods that the running containers would be as Deployments, and those of
 * the exported objects. `podOf`: the Pod of each container that detection found. Pure.
 */
export const clusterOf = (workloads: readonly Workload[], objects: readonly KubernetesObject[]) => {
  const podOf = new Map<string, string>();
  const pods = deployed(workloads).map((workload, n) => {
    const { name } = workload;
    const replicaSet = `${name}-${hash(name)}`;
    const pod = `${replicaSet}-${hash(replicaSet).slice(0, 5)}`;
    podOf.set(workload.container, pod);
    return podOn({
      name: pod,
      namespace: 'default',
      labels: { ...podLabels(workload), 'pod-template-hash': hash(name) },
      annotations: podAnnotations(workload),
      controller: { kind: 'ReplicaSet', name: replicaSet },
      containers: [{ name, image: workload.image, ports: workload.ports.map(tcpPort) }],
      ip: `10.1.${Math.floor(n / 250)}.${(n % 250) + 1}`,
    });
  });
  const own = objects.flatMap((object, n): Listed[] => {
    const template = asRecord(asRecord(object['spec'])['template']);
    const { labels, annotations } = asRecord(template['metadata']);
    if (labels === undefined) return [];
    return [
      podOn({
        name: `${object.metadata.name}-0`,
        namespace: object.metadata.namespace ?? 'default',
        labels: textMap(labels),
        annotations: textMap(annotations),
        controller: { kind: object.kind, name: object.metadata.name },
        containers: asRecord(template['spec'])['containers'],
        ip: `10.2.0.${n + 1}`,
      }),
    ];
  });
  const lists: Lists = { pods: [...pods, ...own], nodes: [NODE_OBJECT] };
  return { lists, podOf };
};

export interface PodParts extends Required<ObjectMeta> {
  controller?: { kind: string; name: string };
  containers: unknown;
  ip: string;
}

export const podOn = ({ name, namespace, labels, annotations, controller, containers, ip }: PodParts): Listed => ({
  metadata: {
    name,
    namespace,
    uid: hash(`${namespace}/${name}`),
    labels,
    annotations,
    ownerReferences:
      controller === undefined
        ? []
        : [{ apiVersion: 'apps/v1', uid: hash(controller.name), controller: true, ...controller }],
  },
  spec: { nodeName: NODE, containers },
  status: { phase: 'Running', podIP: ip, podIPs: [{ ip }], hostIP: '10.0.0.1' },
});

const NODE_OBJECT: Listed = {
  metadata: { name: NODE, labels: {} },
  status: {
    addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
    daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } },
  },
};
