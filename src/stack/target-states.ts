import type { MonitorConfig, ScrapeConfig } from '../config/model.ts';
import { pathInUrl } from '../config/path-query.ts';
import type { Verdict } from '../detect/classify.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { Answer, TargetChange, TargetRow } from '../output/report.ts';
import type { ActiveTarget } from '../prometheus/client.ts';
import { readTargets } from '../prometheus/read-config.ts';
import type { ScrapedSamples } from '../prometheus/scraped-samples.ts';
import { plural } from '../words.ts';
import type { SeenPrometheus } from './model.ts';

export type RenderedTarget = Pick<ScrapeTarget, 'job' | 'instance' | 'metrics_path'>;

/** What targets answered when they were asked, by their `answerKey`. */
export type Answers = ReadonlyMap<string, Verdict>;

export const answerKey = ({ job, instance, metrics_path }: RenderedTarget): string =>
  `${job} ${instance} ${metrics_path}`;

export interface TargetState {
  row: TargetRow;
  /** Prometheus has it in its list; one that is not there is pending too. */
  listed: boolean;
  /** Of its series, as Prometheus lists them. */
  labels?: Readonly<Record<string, string>>;
}

/**
 * What was rendered, beside what Prometheus reports of it: a target that it does not list yet is pending. Of the others
 * that it lists, only those of passed-through jobs count; the rest were taken out, and it has not noticed yet. Pure.
 */
export const targetStates = (
  rendered: readonly RenderedTarget[],
  active: readonly ActiveTarget[],
  passthrough: readonly ScrapeConfig[],
): TargetState[] => {
  const jobs = new Set(passthrough.map((config) => config.job_name));
  const others = new Set(active.filter((a) => jobs.has(a.job)));
  const states = rendered.map((target): TargetState => {
    const found = active.find((a) => isTarget(a, target));
    if (found === undefined) {
      const { job, instance, metrics_path } = target;
      const url = `http://${instance}${metrics_path}`;
      return { row: { job, instance, url, health: 'pending' }, listed: false };
    }
    others.delete(found);
    return activeState(found);
  });
  return [...states, ...[...others].map(activeState)];
};

/** Whether Prometheus means this target. */
export const isTarget = (active: ActiveTarget, target: RenderedTarget): boolean =>
  active.job === target.job &&
  active.instance === target.instance &&
  pathOf(active.scrapeUrl) === pathInUrl(target.metrics_path);

const pathOf = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : '');

const activeState = ({ job, instance, scrapeUrl, labels, ...target }: ActiveTarget): TargetState => {
  const { health, lastScrape, lastScrapeDuration, scrapeInterval, lastError } = target;
  const isPending = health === 'unknown';
  return {
    row: {
      job,
      instance,
      url: scrapeUrl,
      health: isPending ? 'pending' : health,
      lastScrape,
      duration: lastScrape === undefined ? undefined : lastScrapeDuration,
      firstScrapeWithin: isPending ? scrapeInterval : undefined,
      error: lastError || undefined,
    },
    listed: true,
    labels,
  };
};

/**
 * The states with what the pending ones answered when they were asked, and when they are scraped first. A server of the stack
 * is asked after it has started: where it is down and answers, its last scrape came too early. Pure.
 */
export const withAnswers = (
  states: readonly TargetState[],
  targets: readonly ScrapeTarget[],
  answers: Answers,
  { scrape_interval }: Pick<MonitorConfig, 'scrape_interval'>,
): TargetState[] =>
  states.map((state, n) => {
    const target = targets[n];
    if (target === undefined) return state;
    const verdict = answers.get(answerKey(target));
    if (state.row.health === 'down' && target.origin === 'stack' && verdict?.ok) {
      return { ...state, row: { ...state.row, ...scrapedWhileStarting(verdict) } };
    }
    if (state.row.health !== 'pending') return state;
    const firstScrapeWithin = state.row.firstScrapeWithin ?? target.scrape_interval ?? scrape_interval;
    return { ...state, row: { ...state.row, firstScrapeWithin, answer: verdict && answerOf(verdict) } };
  });

/** Of a target whose last scrape came before it answered. */
export const scrapedWhileStarting = ({ metrics }: Extract<Verdict, { ok: true }>) => ({
  code: 'starting',
  cause: `it did not answer yet at its last scrape; a fresh request was answered with ${plural(metrics, 'metric')}`,
  remedy: 'wait for the next scrape',
});

const answerOf = (verdict: Verdict): Answer =>
  verdict.ok
    ? { ok: true, metrics: verdict.metrics, samples: verdict.samples, duration: verdict.seconds }
    : { ok: false, code: verdict.code, reason: verdict.reason };

/** The row, with how many samples the last scrape held. Pure. */
export const withSamples = ({ row, labels }: TargetState, samples: ScrapedSamples): TargetRow => ({
  ...row,
  samples: row.lastScrape === undefined || labels === undefined ? undefined : samples(labels),
});

/**
 * Targets that Prometheus does not have yet and will, and those that it has and will not. It lists a target some time after it
 * has loaded it. Pure.
 */
export const targetChanges = (
  targets: readonly ScrapeTarget[],
  seen: Pick<SeenPrometheus, 'loaded' | 'targets'> | undefined,
  passthrough: readonly ScrapeConfig[],
): TargetChange[] => {
  const changeOf =
    (change: TargetChange['change']) =>
    ({ job, instance, metrics_path }: RenderedTarget) =>
      [answerKey({ job, instance, metrics_path }), { change, job, instance, metrics_path }] as const;
  const listed = (seen?.targets ?? []).map((a) => ({ ...a, metrics_path: pathOf(a.scrapeUrl) }));
  const before = new Map([...listed, ...readTargets(seen?.loaded ?? '')].map(changeOf('remove')));
  const after = new Map(targets.map(changeOf('add')));
  const passed = new Set(passthrough.map((config) => config.job_name));
  return [
    ...[...after].filter(([key]) => !before.has(key)),
    ...[...before].filter(([key, { job }]) => !after.has(key) && !passed.has(job)),
  ].map(([, change]) => change);
};
