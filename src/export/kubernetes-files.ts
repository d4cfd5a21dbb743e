import { libraryText } from '../prometheus/yaml-text.ts';
import type { KubernetesExport } from './kubernetes.ts';
import { when } from './lists.ts';
import { type ExportFile, HEADER, PRIVATE } from './model.ts';
import type { KubernetesObject } from './objects.ts';
import type { WorkloadPatch } from './workloads.ts';

/** The objects as one text for `kubectl apply -f -`; patches, which that would refuse, as comments below. Pure. */
export const kubernetesText = ({ objects, patches }: KubernetesExport): string => {
  const documents = objects.map((object) => `---\n${libraryText(object)}`);
  const comments = patches.map((patch) => patchText(patch).replaceAll(/^(?!#|$)/gm, '# '));
  return [...documents, ...comments].join('');
};

/** A file an object, and the patches in a folder that `kubectl apply -f DIR` does not look into. Pure. */
export const kubernetesFiles = ({ objects, patches }: KubernetesExport, kustomize: boolean): ExportFile[] => {
  const files = objects.map(
    (object): ExportFile => ({
      path: fileOf(object),
      text: HEADER + libraryText(object),
      mode: object.kind === 'Secret' ? PRIVATE : undefined,
    }),
  );
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: files.map(({ path }) => path),
  };
  return [
    ...files,
    ...patches.map((patch) => ({ path: `workloads/${patch.name}.yaml`, text: HEADER + patchText(patch) })),
    ...when(kustomize, { path: 'kustomization.yaml', text: HEADER + libraryText(kustomization) }),
  ];
};

/** The namespace first: `kubectl apply -f DIR` goes by the files' names. */
const fileOf = ({ kind, metadata: { name } }: KubernetesObject): string =>
  kind === 'Namespace' ? '00-namespace.yaml' : `${kind.toLowerCase()}-${name}.yaml`;

const patchText = ({ name, container, patch }: WorkloadPatch): string =>
  `# What the Deployment of container ${container} needs; change the names here where yours differ:
# kubectl -n NAMESPACE patch deployment ${name} --patch-file workloads/${name}.yaml
${libraryText(patch)}`;
