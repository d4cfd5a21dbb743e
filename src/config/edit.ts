import { mistake } from '../errors.ts';
import { formatAddress, parseAddress } from './address.ts';
import { DEFAULT_METRICS_PATH } from './defaults.ts';
import { checked, type EditedList, keysOf, type Put, putEntry, type Removed, removeEntries } from './edit-list.ts';
import { fillTarget } from './fill.ts';
import type { MonitorConfig, TargetConfig } from './model.ts';
import { resolve } from './resolve.ts';
import { type LongTarget, longTarget } from './schema.ts';
import { isServer, SERVERS } from './servers.ts';
import type { Path } from './shape.ts';
import { set } from './yaml-edit.ts';

/**
 * A target as it is asked for. What is not given stays as it is in the file, or is the default in a new entry; labels are
 * added to those that the target has.
 */
export type WantedTarget = Omit<LongTarget, 'scheme'> & { scheme?: string };

/**
 * monitor.yml's text with the target in it, everything else untouched: comments, order, quotes, line breaks. Pure.
 * The target that is updated is the one of that address, and of several the one of that path.
 * @throws MonitorError `invalid-config` (the text), `invalid-address`, `invalid-target` (a value, or a job that is
 *   there already) or `config-not-editable`
 */
export function addTarget(text: string, wanted: WantedTarget, fileName = 'monitor.yml'): Put<TargetConfig> {
  const config = resolve(text, fileName);
  const address = formatAddress(parseAddress(wanted.address));
  const written = checked(longTarget, { ...wanted, address }, (lines) =>
    invalidTarget(address, lines, 'see `monitor add-target --help`'),
  );
  const position = findTarget(config.targets, address, written.metrics_path);
  const before = config.targets[position];
  const target = fillTarget({ ...before, ...written, labels: { ...before?.labels, ...written.labels } });
  return putEntry(TARGETS, { path: fileName, text, config }, position, target, written);
}

/**
 * monitor.yml's text without the targets of that address, which can be scraped at several paths. Pure.
 * @throws MonitorError `invalid-config`, `invalid-address` or `config-not-editable`
 */
export function removeTarget(text: string, address: string, fileName = 'monitor.yml'): Removed<TargetConfig> {
  const wanted = formatAddress(parseAddress(address, 'remove-target'));
  return removeEntries(TARGETS, text, fileName, (target) => target.address === wanted);
}

/** The address's only target, or the one of that path; -1 where a new entry is wanted. */
function findTarget(targets: readonly TargetConfig[], address: string, path = DEFAULT_METRICS_PATH): number {
  const same = targets.flatMap((target, position) => (target.address === address ? [position] : []));
  const exact = same.find((position) => targets[position]?.metrics_path === path);
  return exact ?? (same.length === 1 ? same[0] : undefined) ?? -1;
}

const invalidTarget = (address: string, detail: readonly string[], suggestion: string) =>
  mistake({ code: 'invalid-target', message: `Invalid target ${address}`, detail, suggestion });

const TARGETS: EditedList<TargetConfig> = {
  key: 'targets',
  entriesOf: ({ targets }) => targets,
  shortest,
  // What clashes with others is the job.
  refused: ({ address, job_name }, lines) =>
    invalidTarget(
      address,
      lines,
      isServer(job_name)
        ? `the stack’s own ${job_name} is scraped already; for another one, set --job-name NAME`
        : 'give it another job: --job-name NAME',
    ),
};

/** A target without the values that it has by default: its address alone where that says it all. */
function shortest({ address, labels, ...keys }: TargetConfig): LongTarget | string {
  const defaults: Record<string, unknown> = { ...fillTarget(address) };
  const own = Object.entries(keys).filter(([key, value]) => value !== undefined && value !== defaults[key]);
  const written = { ...Object.fromEntries(own), ...(Object.keys(labels).length > 0 && { labels }) };
  return Object.keys(written).length === 0 ? address : { address, ...written };
}

/** A key of a target that has another value than before; `null` where it has none. */
export interface KeyChange {
  /** As in monitor.yml; `labels.team` of a label. */
  key: string;
  from: unknown;
  to: unknown;
}

/** What is different, in the order in which a target is written. */
export function targetChanges(before: TargetConfig, after: TargetConfig): KeyChange[] {
  const [old, now] = [keysOf(before), keysOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((key) => ({ key, from: old.get(key) ?? null, to: now.get(key) ?? null }))
    .filter(({ from, to }) => from !== to);
}

/**
 * The text of a new monitor.yml: the package's templates/monitor.yml, which spells out every default, with the names,
 * images and ports of `config` in it. Pure.
 */
export function starterText(template: string, config: MonitorConfig): string {
  const values: [Path, string | number][] = [
    [['name'], config.name],
    [['network'], config.network],
    ...SERVERS.flatMap((server) =>
      (['image', 'container', 'volume', 'port'] as const).map((key): [Path, string | number] => [
        [server, key],
        config[server][key],
      ]),
    ),
  ];
  return values.reduce((text, [path, value]) => set(text, path, value) ?? text, template);
}
