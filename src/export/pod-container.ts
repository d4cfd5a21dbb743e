import { basename } from 'node:path/posix';
import type { DesiredContainer } from '../stack/model.ts';
import { orNone, when } from './lists.ts';
import { UNPRIVILEGED } from './objects.ts';

interface PodContainerOptions {
  name: string;
  port: { name: string; port: number };
  secretName: string;
  secrets?: readonly string[];
  /** The Secret's key of a file; default: the file's name. */
  keyOf?: (path: string) => string;
}

/** A container of the stack as part of a Pod, and what it reads from a Secret: `secretData`, by key. Pure. */
export const podContainer = ({ spec, files }: DesiredContainer, options: PodContainerOptions) => {
  const { name, port, secretName, secrets = [], keyOf = basename } = options;
  const isSecret = ([, value]: [string, string]): boolean => secrets.includes(value);
  const variables = Object.entries(spec.env);
  const secretFiles = files
    .filter((file) => file.secret)
    .map(({ path, content }) => ({ path, key: keyOf(path), content }));
  return {
    container: {
      name,
      image: spec.image,
      args: spec.command?.map(unexpanded),
      env: orNone(
        variables.map(([key, value]) =>
          isSecret([key, value])
            ? { name: key, valueFrom: { secretKeyRef: { name: secretName, key } } }
            : { name: key, value: unexpanded(value) },
        ),
      ),
      ports: [{ name: port.name, containerPort: port.port }],
      securityContext: UNPRIVILEGED,
    },
    volumeMounts: secretFiles.map(({ path, key }) => ({
      name: 'secret',
      mountPath: path,
      subPath: key,
      readOnly: true,
    })),
    volumes: when(secretFiles.length > 0, { name: 'secret', secret: { secretName } }),
    secretData: Object.fromEntries([
      ...variables.filter(isSecret),
      ...secretFiles.map(({ key, content }): [string, string] => [key, content]),
    ]),
  };
};

/** Kubernetes expands `$(NAME)`, and takes `$$` for `$`. Source: its documentation of `env.value` and `args`. */
const unexpanded = (text: string): string => text.replaceAll('$', '$$$$');

export type PodContainer = ReturnType<typeof podContainer>;
