import { type MonitorError, mistake } from '../errors.ts';
import { quoted } from '../words.ts';
import type { KubernetesOptions } from './kubernetes.ts';
import { isLabelKey, isLabelValue, isNamespace, isSecretName, labelValue, nearestLabel } from './names.ts';

/** As they stand on the command line. */
export interface WrittenOptions extends Omit<KubernetesOptions, 'labels'> {
  label: readonly string[];
}

/** @throws MonitorError `invalid-name` or `invalid-label`, with the nearest valid one. */
export const readOptions = ({ label, ...options }: WrittenOptions): KubernetesOptions => {
  const { namespace, discovery, existingSecret } = options;
  if (!isNamespace(namespace)) throw invalidName('--namespace', namespace, nearestLabel(namespace), LABEL_RULE);
  if (existingSecret !== undefined && !isSecretName(existingSecret)) {
    const nearest = existingSecret.split('.').map((part) => nearestLabel(part));
    const rule = `parts with dots between them, each of ${LABEL_RULE}`;
    throw invalidName('--existing-secret', existingSecret, nearest.join('.'), rule);
  }
  if (label.length > 0 && discovery !== 'operator') {
    throw invalidLabel(
      '--label works only with --discovery operator: labels are what the operator selects monitors by',
      'add --discovery operator, or leave --label out',
    );
  }
  return { ...options, labels: readLabels(label) };
};

const readLabels = (texts: readonly string[]): Record<string, string> => {
  const labels = new Map<string, string>();
  for (const [key, value] of texts.map(readLabel)) {
    const other = labels.get(key) ?? value;
    if (other !== value)
      throw invalidLabel(`--label ${key} has two values: ${quoted(other)} and ${quoted(value)}`, 'use one of them');
    labels.set(key, value);
  }
  return Object.fromEntries(labels);
};

const readLabel = (text: string): [string, string] => {
  const at = text.indexOf('=');
  const [key, value] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (at > 0 && isLabelKey(key) && isLabelValue(value)) return [key, value];
  const instead = at > 0 && isLabelKey(key) ? `${key}=${labelValue(value)}` : 'release=prometheus';
  throw invalidLabel(
    `${quoted(text)} is not a valid Kubernetes label`,
    `use --label KEY=VALUE, such as --label ${instead}`,
  );
};

const invalidLabel = (message: string, suggestion: string): MonitorError =>
  mistake({ code: 'invalid-label', message, suggestion });

const LABEL_RULE = 'up to 63 lowercase letters, digits and dashes, which starts and ends with a letter or digit';

const invalidName = (option: string, text: string, nearest: string, rule: string): MonitorError =>
  mistake({
    code: 'invalid-name',
    message: `${option} ${quoted(text)} is not a valid Kubernetes name`,
    detail: [`a valid name has ${rule}`],
    suggestion: `use ${option} ${nearest}, which is the nearest valid name`,
  });
