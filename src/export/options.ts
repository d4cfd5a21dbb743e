import { quoted } from '../config/words.ts';
import { MonitorError } from '../errors.ts';
import type { KubernetesOptions } from './kubernetes.ts';
import { isLabelKey, isLabelValue, isNamespace, isSecretName, labelValue, nearestLabel } from './names.ts';
import type { Discovery } from './prometheus-config.ts';

/** As they stand on the command line. */
export interface WrittenOptions {
  namespace: string;
  discovery: Discovery;
  label: readonly string[];
  existingSecret?: string;
  workloads: boolean;
}

/** @throws MonitorError `invalid-name` or `invalid-label`, with the nearest valid one. */
export const readOptions = ({
  namespace,
  discovery,
  label,
  existingSecret,
  workloads,
}: WrittenOptions): KubernetesOptions => {
  if (!isNamespace(namespace)) throw invalidName('--namespace', namespace, nearestLabel(namespace), LABEL_RULE);
  if (existingSecret !== undefined && !isSecretName(existingSecret)) {
    throw invalidName(
      '--existing-secret',
      existingSecret,
      existingSecret
        .split('.')
        .map((part) => nearestLabel(part))
        .join('.'),
      `parts with dots between them, each of ${LABEL_RULE}`,
    );
  }
  if (label.length > 0 && discovery !== 'operator') {
    throw new MonitorError({
      code: 'invalid-label',
      message: '--label works only with --discovery operator: labels are what the operator selects monitors by',
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
    message: `${quoted(text)} is not a valid Kubernetes label`,
    suggestion: `use --label KEY=VALUE, such as --label ${instead}`,
    exitCode: 2,
  });
};

const LABEL_RULE = 'up to 63 lowercase letters, digits and dashes, which starts and ends with a letter or digit';

const invalidName = (option: string, text: string, nearest: string, rule: string): MonitorError =>
  new MonitorError({
    code: 'invalid-name',
    message: `${option} ${quoted(text)} is not a valid Kubernetes name`,
    detail: [`a valid name has ${rule}`],
    suggestion: `use ${option} ${nearest}, which is the nearest valid name`,
    exitCode: 2,
  });
