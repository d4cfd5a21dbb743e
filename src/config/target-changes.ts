import type { TargetConfig } from './model.ts';

/** A key of a target that has another value than before; `null` where it has none. */
export interface KeyChange {
  /** As in monitor.yml; `labels.team` of a label. */
  key: string;
  from: string | null;
  to: string | null;
}

/** What is different, in the order in which a target is written. */
export function targetChanges(before: TargetConfig, after: TargetConfig): KeyChange[] {
  const [old, now] = [flat(before), flat(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((key) => ({ key, from: old.get(key) ?? null, to: now.get(key) ?? null }))
    .filter(({ from, to }) => from !== to);
}

const flat = ({ labels, ...keys }: TargetConfig): Map<string, string> =>
  new Map([
    ...Object.entries(keys),
    ...Object.entries(labels).map(([name, value]): [string, string] => [`labels.${name}`, value]),
  ]);
