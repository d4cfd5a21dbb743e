import { plural } from '../config/words.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { Progress } from '../stack/progress.ts';
import { newFreshNotices } from './fresh-notices.ts';

/** What a round of `watch` came to, as far as a person hears of it. */
export type Outcome =
  | { outcome: 'done'; targets: readonly ScrapeTarget[]; notices: readonly string[] }
  /** Prometheus does not run. */
  | { outcome: 'stopped' }
  /** Containers are being started: the burst is not over. */
  | { outcome: 'starting' }
  /** It could not be made; without a reason where it was interrupted. */
  | { outcome: 'failed'; reason?: string };

/** A warning of a command that goes on: on stderr, and with `--json` a line among the others. */
export const warnOf = (reporter: Progress, message: string): void =>
  reporter.warn(message, { change: 'warning', message });

/** Tells the rounds of `watch` one after the other: what has changed, and nothing twice. */
export const newWatchNews = (reporter: Progress): ((round: Outcome) => void) => {
  const fresh = newFreshNotices();
  let last: readonly ScrapeTarget[] | undefined;
  let isStopped = false;
  let failure: string | undefined;
  return (round) => {
    switch (round.outcome) {
      case 'starting':
        return;
      case 'failed':
        if (round.reason !== undefined && round.reason !== failure) warnOf(reporter, round.reason);
        failure = round.reason;
        return;
      case 'stopped':
        if (!isStopped) reporter.event(STOPPED, { change: 'stopped' });
        [last, isStopped, failure] = [undefined, true, undefined];
        return;
      case 'done':
        for (const notice of fresh(round.notices)) warnOf(reporter, notice);
        tell(reporter, last, round.targets);
        [last, isStopped, failure] = [round.targets, false, undefined];
    }
  };
};

const STOPPED = 'Prometheus is not running; `monitor up` starts it, and watching continues then';

const keyOf = ({ job, instance, metrics_path }: ScrapeTarget): string => `${job} ${instance}${metrics_path}`;

/** A line for each target that came, went or moved; at first, one for what there is. */
const tell = (
  reporter: Progress,
  before: readonly ScrapeTarget[] | undefined,
  after: readonly ScrapeTarget[],
): void => {
  if (before === undefined) {
    const data = { change: 'watching', targets: after.map(targetData) };
    reporter.event(`watching; ${plural(after.length, 'target')}`, data);
    return;
  }
  const old = new Map(before.map((t) => [keyOf(t), t]));
  const now = new Map(after.map((t) => [keyOf(t), t]));
  for (const [key, target] of now) {
    const was = old.get(key);
    if (was === undefined) say(reporter, '+', 'added', target);
    else if (was.address !== target.address) say(reporter, '~', 'moved', target);
  }
  for (const [key, target] of old) if (!now.has(key)) say(reporter, '-', 'removed', target);
};

const say = (reporter: Progress, mark: string, change: string, target: ScrapeTarget): void =>
  reporter.event(`${mark} ${target.instance} (job ${target.job})`, { change, ...targetData(target) });

const targetData = ({ job, instance, address, metrics_path }: ScrapeTarget): object => ({
  job,
  instance,
  address,
  metrics_path,
});
