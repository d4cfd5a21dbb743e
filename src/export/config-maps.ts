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

/** Texts in groups, each of which a ConfigMap can carry as one text, once that is JSON in JSON. */
export const groupsOf = (texts: readonly string[]): string[][] => {
  const groups: string[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const text of texts) {
    const bytes = Buffer.byteLength(JSON.stringify(text)) - 2;
    if (size + bytes > LIMIT - 2 * ROOM) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)?.push(text);
    size += bytes;
  }
  return groups;
};

/** A text in such parts. */
export const partsOf = (text: string): string[] => groupsOf([...text]).map((part) => part.join(''));
