import { type KubernetesObject, metaOf, type Scope } from './objects.ts';

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

/** Texts in groups, each of which a ConfigMap can carry. */
export const groupsOf = (texts: readonly string[]): string[][] => {
  const groups: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    const bytes = Buffer.byteLength(JSON.stringify(text));
    if (size + bytes > LIMIT - 2 * ROOM) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(text);
    size += bytes;
  }
  return groups;
};

/** A text in parts, none of which takes more than a ConfigMap can carry once it is JSON in JSON. */
export const partsOf = (text: string): string[] => {
  const parts: string[] = [];
  let part = '';
  let size = 0;
  for (const character of text) {
    const bytes = Buffer.byteLength(JSON.stringify(character)) - 2;
    if (size + bytes > LIMIT - 2 * ROOM) {
      parts.push(part);
      part = '';
      size = 0;
    }
    part += character;
    size += bytes;
  }
  return [...parts, part];
};
