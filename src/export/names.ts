import { createHash } from 'node:crypto';
import { basename } from 'node:path/posix';

/**
 * Names as Kubernetes takes them. Source: its documentation, "Object Names and IDs": a Service has a label of RFC 1035 (a
 * letter first), most others one of RFC 1123; a StatefulSet's Pods carry a label of its name and eleven characters more.
 */

const LONGEST = 63;
const LONGEST_OBJECT = 52;

/** The nearest label of RFC 1123: the text itself where it is one. */
export const nearestLabel = (text: string, longest = LONGEST): string => {
  const plain = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  if (plain.length <= longest) return plain === '' ? 'x' : plain;
  return `${plain.slice(0, longest - 7).replace(/-+$/, '')}-${hash(text)}`;
};

/** The nearest name that every kind of object takes. */
export const objectName = (text: string): string => {
  const label = nearestLabel(text, LONGEST_OBJECT - 2);
  return /^[a-z]/.test(label) ? label : `x-${label}`;
};

/** A name for each of these texts; two that would share one are told apart. */
export const objectNames = (texts: readonly string[], taken: readonly string[] = []): ((text: string) => string) => {
  const names = new Map<string, string>();
  const used = new Set(taken);
  for (const text of texts) {
    const nearest = objectName(text);
    const name = used.has(nearest) ? objectName(`${nearest.slice(0, LONGEST_OBJECT - 9)}-${hash(text)}`) : nearest;
    used.add(name);
    names.set(text, name);
  }
  return (text) => names.get(text) ?? objectName(text);
};

export const isNamespace = (text: string): boolean => text.length <= LONGEST && LABEL.test(text);
const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** The name of a Secret: labels of RFC 1123 with dots between them. */
export const isSecretName = (text: string): boolean =>
  text.length <= 253 && text.split('.').every((part) => LABEL.test(part));

/** The nearest value that a label of an object may have. */
export const labelValue = (text: string): string =>
  text
    .replaceAll(/[^\w.-]+/g, '-')
    .slice(0, LONGEST)
    .replaceAll(/^[^a-zA-Z0-9]+|[^a-zA-Z0-9]+$/g, '');

/** Whether text is a label of an object, `key` and `value`: `release=prometheus`. */
export const isLabelKey = (key: string): boolean => {
  const [name = '', prefix, ...more] = key.split('/').reverse();
  const isName = name.length <= LONGEST && /^[a-zA-Z0-9]([\w.-]*[a-zA-Z0-9])?$/.test(name);
  return isName && more.length === 0 && (prefix === undefined || isSecretName(prefix));
};

export const isLabelValue = (value: string): boolean => value === labelValue(value);

export const dataKey = (text: string): string => {
  const key = text.replaceAll(/[^\w.-]+/g, '-').slice(-200);
  return /^\.{1,2}$|^$|^\.\./.test(key) ? `file-${hash(text)}` : key;
};

/** A key for each file, by its name; two that would share one are told apart. */
export const dataKeys = (paths: readonly string[]): Map<string, string> => {
  const keys = new Map<string, string>();
  for (const path of paths) {
    const key = dataKey(basename(path));
    keys.set(path, [...keys.values()].includes(key) ? `${hash(path)}-${key}` : key);
  }
  return keys;
};

export const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 6);
