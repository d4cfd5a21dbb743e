import { isDeepStrictEqual } from 'node:util';
import { MonitorError } from '../errors.ts';
import { formatAddress, parseAddress } from './address.ts';
import { changeText, notEditable, type TextChange, todoOf } from './change-text.ts';
import { OWN_JOBS } from './cross-checks.ts';
import { DEFAULT_METRICS_PATH, DEFAULT_SCHEME } from './defaults.ts';
import { fillTarget } from './fill.ts';
import { insertEntry, removeEntry } from './list-entry.ts';
import type { MonitorConfig, TargetConfig } from './model.ts';
import { resolve } from './resolve.ts';
import { type LongTarget, longTarget } from './schema.ts';
import { blockLines, type TargetKeys, targetText, updateEntry } from './target-list.ts';
import { pathText, shapeProblems, wordIssue } from './wording.ts';

/** A target as it is asked for. What is not given stays as it is in the file, or is the default in a new entry. */
export interface WantedTarget {
  /** `host:port` */
  address: string;
  job_name?: string;
  metrics_path?: string;
  scheme?: string;
  scrape_interval?: string;
  /** Added to those that the target has. */
  labels?: Record<string, string>;
}

export interface AddedTarget {
  /** The file's new text; the old one, byte for byte, where nothing changed. */
  text: string;
  change: 'added' | 'updated' | 'unchanged';
  target: TargetConfig;
  /** What an updated target was. */
  before?: TargetConfig;
}

export interface RemovedTargets {
  text: string;
  change: 'removed' | 'absent';
  /** All that had the address: the same one can be scraped at several paths. */
  removed: TargetConfig[];
}

/**
 * monitor.yml's text with the target in it, everything else untouched: comments, order, quotes, line breaks. Pure.
 * The target that is updated is the one of that address, and of several the one of that path.
 * @throws MonitorError `invalid-config` (the text), `invalid-address`, `invalid-target` (a value, or a job that is
 *   there already) or `config-not-editable`
 */
export function addTarget(text: string, wanted: WantedTarget, fileName = 'monitor.yml'): AddedTarget {
  const config = resolve(text, fileName);
  const address = formatAddress(parseAddress(wanted.address));
  const written = checkedTarget({ ...wanted, address });
  const position = findTarget(config.targets, address, written.metrics_path ?? undefined);
  const before = config.targets[position];
  if (before === undefined) return insert(text, config, written, fileName);
  const { address: _, ...keys } = written;
  const target = fillTarget({ ...before, ...keys, labels: { ...before.labels, ...keys.labels } });
  if (isDeepStrictEqual(target, before)) return { text, change: 'unchanged', target };
  const expected = { ...config, targets: config.targets.with(position, target) };
  const edited = edit(text, config, expected, fileName, target, (source, root) =>
    updateEntry(source, root, position, changedKeys(before, target, keys)),
  );
  return { text: edited, change: 'updated', target, before };
}

function insert(text: string, config: MonitorConfig, written: LongTarget, fileName: string): AddedTarget {
  const target = fillTarget(written);
  const expected = { ...config, targets: [...config.targets, target] };
  const entry = withoutDefaults(written, target);
  const edited = edit(text, config, expected, fileName, target, (source, root) =>
    insertEntry(source, root, 'targets', targetText(entry)),
  );
  return { text: edited, change: 'added', target };
}

/**
 * monitor.yml's text without the targets of that address. Pure.
 * @throws MonitorError `invalid-config`, `invalid-address` or `config-not-editable`
 */
export function removeTarget(text: string, address: string, fileName = 'monitor.yml'): RemovedTargets {
  let config = resolve(text, fileName);
  const wanted = formatAddress(parseAddress(address, 'remove-target'));
  const removed: TargetConfig[] = [];
  let rest = text;
  for (;;) {
    const position = config.targets.findIndex((target) => target.address === wanted);
    const target = config.targets[position];
    if (target === undefined) break;
    const expected = { ...config, targets: config.targets.toSpliced(position, 1) };
    rest = edit(rest, config, expected, fileName, target, (source, root) =>
      removeEntry(source, root, 'targets', position),
    );
    config = expected;
    removed.push(target);
  }
  return { text: rest, change: removed.length > 0 ? 'removed' : 'absent', removed };
}

/** The address's only target, or the one of that path; -1 where a new entry is wanted. */
function findTarget(targets: readonly TargetConfig[], address: string, path: string | undefined): number {
  const same = targets.flatMap((target, position) => (target.address === address ? [position] : []));
  const exact = same.find((position) => targets[position]?.metrics_path === (path ?? DEFAULT_METRICS_PATH));
  return exact ?? (same.length === 1 ? same[0] : undefined) ?? -1;
}

function checkedTarget(wanted: WantedTarget): LongTarget {
  const parsed = longTarget.safeParse(wanted, { error: wordIssue });
  if (parsed.success) return parsed.data;
  const lines = shapeProblems(parsed.error.issues).map(({ path, message }) => `${pathText(path)}: ${message}`);
  throw invalidTarget(wanted.address, lines, 'see `monitor add-target --help`');
}

const invalidTarget = (address: string, detail: readonly string[], suggestion: string) =>
  new MonitorError({
    code: 'invalid-target',
    message: `${address} cannot be a target like this`,
    detail,
    suggestion,
    exitCode: 2,
  });

/** What clashes with others is the job. */
const anotherJob = ({ job_name }: TargetConfig): string =>
  OWN_JOBS.includes(job_name)
    ? `the stack’s own ${job_name} is scraped already; another one needs a job of its own: --job-name NAME`
    : 'give it a job of its own: --job-name NAME';

function withoutDefaults(written: LongTarget, { address }: TargetConfig): LongTarget {
  const defaults: TargetConfig = fillTarget(address);
  const { labels, scheme, metrics_path, job_name, scrape_interval } = written;
  return {
    address,
    ...(job_name === undefined || job_name === defaults.job_name ? {} : { job_name }),
    ...(metrics_path === undefined || metrics_path === DEFAULT_METRICS_PATH ? {} : { metrics_path }),
    ...(scheme === undefined || scheme === DEFAULT_SCHEME ? {} : { scheme }),
    ...(scrape_interval === undefined ? {} : { scrape_interval }),
    ...(labels === undefined || labels === null || Object.keys(labels).length === 0 ? {} : { labels }),
  };
}

/** Of what was asked for, that which is not so yet. */
function changedKeys(before: TargetConfig, target: TargetConfig, { labels }: TargetKeys): TargetKeys {
  const differing = Object.keys(labels ?? {}).filter((name) => before.labels[name] !== target.labels[name]);
  return {
    ...(before.job_name === target.job_name ? {} : { job_name: target.job_name }),
    ...(before.metrics_path === target.metrics_path ? {} : { metrics_path: target.metrics_path }),
    ...(before.scheme === target.scheme ? {} : { scheme: target.scheme }),
    ...(before.scrape_interval === target.scrape_interval || target.scrape_interval === undefined
      ? {}
      : { scrape_interval: target.scrape_interval }),
    ...(differing.length === 0
      ? {}
      : { labels: Object.fromEntries(differing.map((name) => [name, target.labels[name] ?? ''])) }),
  };
}

/** As `changeText`, with the words for a target. */
function edit(
  text: string,
  config: MonitorConfig,
  expected: MonitorConfig,
  fileName: string,
  target: TargetConfig,
  change: TextChange,
): string {
  return changeText(text, expected, change, {
    own: ['targets', expected.targets.indexOf(target)],
    refused: (lines) => invalidTarget(target.address, lines, anotherJob(target)),
    notEditable: () => {
      const entry = blockLines(withoutDefaults(target, target));
      return notEditable(fileName, 'targets', entry, todoOf(config.targets.length, expected.targets.length));
    },
  });
}
