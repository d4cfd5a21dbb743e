import type { ScrapeTarget } from '../detect/types.ts';
import type { Progress } from '../stack/progress.ts';
import { plural } from '../words.ts';

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

/** A notice that has been away for so long is news again; milliseconds. */
const FORGOTTEN_MS = 600_000;

/**
 * Of the notices of one round after the other, those that are news: said once as long as they hold, and not again where
 * they come and go, as those of a container do that starts again and again.
 */
export const newFreshNotices = (): ((notices: readonly string[]) => string[]) => {
  /** Since when each one has been away, in Unix milliseconds; `undefined` while it holds. */
  const known = new Map<string, number | undefined>();
  return (notices) => {
    const now = Date.now();
    for (const [text, since] of known) {
      if (notices.includes(text)) continue;
      if (since !== undefined && now - since > FORGOTTEN_MS) known.delete(text);
      else known.set(text, since ?? now);
    }
    const fresh = [...new Set(notices)].filter((text) => !known.has(text));
    for (const text of notices) known.set(text, undefined);
    return fresh;
  };
};

/** Tells the rounds of `watch` one after the other: what has changed, and nothing twice. */
export const newWatchNews = (reporter: Progress): ((round: Outcome) => void) => {
  const fresh = newFreshNotices();
  let last: readonly ScrapeTarget[] | undefined;
  /** Why the last round came to nothing, as it was told. */
  let trouble: string | undefined;
  return (round) => {
    switch (round.outcome) {
      case 'starting':
        return;
      case 'failed':
        if (round.reason !== undefined && round.reason !== trouble) warnOf(reporter, round.reason);
        trouble = round.reason;
        return;
      case 'stopped':
        if (trouble !== STOPPED) reporter.event(STOPPED, { change: 'stopped' });
        [last, trouble] = [undefined, STOPPED];
        return;
      case 'done':
        for (const notice of fresh(round.notices)) warnOf(reporter, notice);
        tell(reporter, last, round.targets);
        [last, trouble] = [round.targets, undefined];
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
