import { quoted } from '../config/words.ts';
import { MonitorError } from '../errors.ts';
import type { KubernetesOptions } from './kubernetes.ts';
import { isLabelKey, isLabelValue, isNamespace, isSecretName, labelValue, nearestLabel } from './names.ts';
import type { Discovery } from './prometheus-config.ts';

/** As the command line has them. */
export interface WrittenOptions {
  namespace: string;
  discovery: Discovery;
  label: readonly string[];
  existingSecret?: string;
  workloads: boolean;
}

/** @throws MonitorError `invalid-name` or `invalid-label`, with the nearest that Kubernetes takes. */
export const readOptions = ({
  namespace,
  discovery,
  label,
  existingSecret,
  workloads,
}: WrittenOptions): KubernetesOptions => {
  if (!isNamespace(namespace)) throw invalidName('--namespace', namespace, nearestLabel(namespace));
  if (existingSecret !== undefined && !isSecretName(existingSecret)) {
    throw invalidName(
      '--existing-secret',
      existingSecret,
      existingSecret
        .split('.')
        .map((part) => nearestLabel(part))
        .join('.'),
    );
  }
  if (label.length > 0 && discovery !== 'operator') {
    throw new MonitorError({
      code: 'invalid-label',
      message: '--label is for --discovery operator: without the operator nothing selects monitors by their labels',
      suggestion: 'add --discovery operator, or leave --label out',
      exitCode: 2,
    });
  }
  return { namespace, discovery, labels: Object.fromEntries(label.map(readLabel)), existingSecret, workloads };
};

const readLabel = (text: string): [string, string] => {
  const at = text.indexOf('=');
  const [key, value] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (at > 0 && isLabelKey(key) && isLabelValue(value)) return [key, value];
  const instead = at > 0 && isLabelKey(key) ? `${key}=${labelValue(value)}` : 'release=prometheus';
  throw new MonitorError({
    code: 'invalid-label',
    message: `${quoted(text)} is not a label that Kubernetes takes`,
    suggestion: `write --label KEY=VALUE, such as --label ${instead}`,
    exitCode: 2,
  });
};

const invalidName = (option: string, text: string, nearest: string): MonitorError =>
  new MonitorError({
    code: 'invalid-name',
    message: `${option} ${quoted(text)} is not a name that Kubernetes takes`,
    detail: ['up to 63 lower-case letters, digits and dashes, the first and the last a letter or digit'],
    suggestion: `the nearest that it takes: ${option} ${nearest}`,
    exitCode: 2,
  });
