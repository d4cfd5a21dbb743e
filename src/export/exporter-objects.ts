import { kindOf } from '../exporters/components.ts';
import { addExporterCommand } from '../exporters/credentials.ts';
import { orNone, when } from './lists.ts';
import type { Finding } from './model.ts';
import type { KubernetesObject, Scope } from './objects.ts';
import * as k8s from './objects.ts';
import { podContainer } from './pod-container.ts';
import { isOfMachine } from './prometheus-config.ts';
import type { ExportedExporter } from './stack-input.ts';

export const exporterObjects = (exporters: readonly ExportedExporter[], scope: Scope): KubernetesObject[] =>
  exporters.flatMap((exporter) => {
    if (exporter.config.name === 'node') return [nodeDaemonSet(exporter, scope)];
    return isOfMachine(exporter) ? [] : serverExporter(exporter, scope);
  });

export const exporterPort = (exporter: ExportedExporter) => ({ name: 'metrics', port: kindOf(exporter.config).port });

const serverExporter = (exporter: ExportedExporter, scope: Scope): KubernetesObject[] => {
  const { service: name } = exporter;
  const port = exporterPort(exporter);
  const { container, volumeMounts, volumes, secretData } = exporterPod(exporter);
  const hasSecret = Object.keys(secretData).length > 0 && exporter.missing.length === 0;
  return [
    ...when(hasSecret, k8s.secretOf(scope, name, name, secretData)),
    k8s.serviceOf(scope, name, port, { name }),
    k8s.workloadOf(scope, {
      kind: 'Deployment',
      component: name,
      name,
      replicas: 1,
      reads: hasSecret ? [secretData] : undefined,
      pod: {
        automountServiceAccountToken: false,
        securityContext: NOBODY,
        containers: [
          {
            ...container,
            volumeMounts: orNone(volumeMounts),
            readinessProbe: { tcpSocket: { port: port.name } },
            resources: RESOURCES,
          },
        ],
        volumes: orNone(volumes),
      },
    }),
  ];
};

const exporterPod = (exporter: ExportedExporter) =>
  podContainer(exporter.container, {
    name: 'exporter',
    port: exporterPort(exporter),
    secretName: exporter.service,
    secrets: exporter.secrets,
  });

/** An exporter whose credentials are not known: its Pod starts once its Secret is created. Pure. */
export const credentialFinding = (exporter: ExportedExporter, namespace: string): Finding[] => {
  const { config, service: name, missing } = exporter;
  if (missing.length === 0) return [];
  const literals = Object.keys(exporterPod(exporter).secretData).map((key) => ` --from-literal=${key}=PASSWORD`);
  return [
    {
      code: 'credentials',
      subject: config.container,
      message: `exporter ${config.container}: its ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not known here, so its Pod waits for a Secret ${name}${missing.includes('user') ? ', and signs in as "exporter"' : ''}`,
      remedy: `\`kubectl -n ${namespace} create secret generic ${name}${literals.join('')}\`, or \`${addExporterCommand(config, missing)}\` and export again`,
    },
  ];
};

/** The exporters write nothing, and run as any user. */
const NOBODY = { runAsUser: 65_534, runAsNonRoot: true, ...k8s.SECCOMP };

const RESOURCES = { requests: { cpu: '10m', memory: '32Mi' } };

/**
 * On each node, its network too: the address of the node is the target. Source: node_exporter README, "Docker".
 */
const nodeDaemonSet = (exporter: ExportedExporter, scope: Scope): KubernetesObject => {
  const port = exporterPort(exporter);
  return k8s.workloadOf(scope, {
    kind: 'DaemonSet',
    component: 'node',
    name: scope.name('node-exporter'),
    pod: {
      automountServiceAccountToken: false,
      hostNetwork: true,
      hostPID: true,
      tolerations: [{ operator: 'Exists' }],
      securityContext: NOBODY,
      containers: [
        {
          name: 'exporter',
          image: exporter.config.image,
          args: ['--path.rootfs=/host'],
          ports: [{ name: port.name, containerPort: port.port, hostPort: port.port }],
          resources: RESOURCES,
          securityContext: { ...k8s.UNPRIVILEGED, readOnlyRootFilesystem: true },
          volumeMounts: [{ name: 'root', mountPath: '/host', mountPropagation: 'HostToContainer', readOnly: true }],
        },
      ],
      volumes: [{ name: 'root', hostPath: { path: '/' } }],
    },
  });
};
