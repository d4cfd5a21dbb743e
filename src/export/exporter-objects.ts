import { kindOf } from '../exporters/components.ts';
import { checksum } from './config-maps.ts';
import {
  type KubernetesObject,
  labelsOf,
  type Scope,
  SECCOMP,
  secretOf,
  selectorOf,
  serviceOf,
  UNPRIVILEGED,
} from './objects.ts';
import { podContainer } from './pod-container.ts';
import { isOfMachine } from './prometheus-config.ts';
import type { ExportedExporter } from './stack-input.ts';

/** `services`: each exporter's Service, by its container. Pure. */
export const exporterObjects = (
  exporters: readonly ExportedExporter[],
  scope: Scope,
  services: ReadonlyMap<string, string>,
): KubernetesObject[] =>
  exporters.flatMap((exporter) => {
    if (exporter.config.name === 'node') return [nodeDaemonSet(exporter, scope)];
    if (isOfMachine(exporter)) return [];
    return serverExporter(exporter, scope, services.get(exporter.config.container) ?? exporter.config.container);
  });

export const exporterPort = (exporter: ExportedExporter) => ({ name: 'metrics', port: kindOf(exporter.config).port });

const serverExporter = (exporter: ExportedExporter, scope: Scope, name: string): KubernetesObject[] => {
  const port = exporterPort(exporter);
  const { container, volumes, secretData } = podContainer(exporter.container, {
    name: 'exporter',
    port,
    secretName: name,
    secrets: exporter.secrets,
  });
  const metadata = { name, namespace: scope.namespace, labels: labelsOf(scope, name) };
  const hasSecret = Object.keys(secretData).length > 0;
  return [
    ...(hasSecret ? [secretOf(scope, name, name, secretData)] : []),
    serviceOf(scope, name, port, { name }),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: selectorOf(scope, name) },
        template: {
          metadata: {
            labels: labelsOf(scope, name),
            annotations: hasSecret ? { 'checksum/config': checksum(secretData) } : undefined,
          },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: SECCOMP,
            containers: [{ ...container, readinessProbe: { tcpSocket: { port: port.name } }, resources: RESOURCES }],
            volumes,
          },
        },
      },
    },
  ];
};

const RESOURCES = { requests: { cpu: '10m', memory: '32Mi' } };

/**
 * On each node, its network too: the address of the node is the target. Source: node_exporter README, "Docker".
 */
const nodeDaemonSet = (exporter: ExportedExporter, scope: Scope): KubernetesObject => {
  const port = exporterPort(exporter);
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: scope.name('node-exporter'), namespace: scope.namespace, labels: labelsOf(scope, 'node') },
    spec: {
      selector: { matchLabels: selectorOf(scope, 'node') },
      template: {
        metadata: { labels: labelsOf(scope, 'node') },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          hostNetwork: true,
          hostPID: true,
          tolerations: [{ operator: 'Exists' }],
          securityContext: { runAsUser: 65_534, runAsNonRoot: true, ...SECCOMP },
          containers: [
            {
              name: 'exporter',
              image: exporter.config.image,
              args: ['--path.rootfs=/host'],
              ports: [{ name: port.name, containerPort: port.port, hostPort: port.port }],
              resources: RESOURCES,
              securityContext: { ...UNPRIVILEGED, readOnlyRootFilesystem: true },
              volumeMounts: [{ name: 'root', mountPath: '/host', mountPropagation: 'HostToContainer', readOnly: true }],
            },
          ],
          volumes: [{ name: 'root', hostPath: { path: '/' } }],
        },
      },
    },
  };
};
