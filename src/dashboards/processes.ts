import { parseDuration } from '../config/values.ts';
import type { Query, Question } from '../metrics/question.ts';
import { type FoundSign, type Sign, signQuery, signsOf } from '../metrics/signs.ts';
import { answered, type Draft, drawn, type GenerateOptions, type JobMetrics, queriesOf } from './draft.ts';
import { dashboardOf } from './frame.ts';
import { filled, layOut } from './layout.ts';
import { panelOf } from './panel.ts';
import { PROCESSES_UID } from './uid.ts';

const MATCHERS = ['job=~"$job"', 'instance=~"$instance"'];

type ProcessPanel = readonly [
  sign: Sign,
  title: string,
  description: string,
  unit: string,
  kind: Question['kind'],
  /** What may be had of it, drawn as a dashed line. */
  limit?: Sign,
];

const FILES = 'File descriptors in use, and how many there may be (dashed). The scale is logarithmic.';

const PANELS: readonly ProcessPanel[] = [
  ['cpu', 'CPU', '100% is one core.', 'percentunit', 'rate'],
  ['memory', 'Resident memory', 'What the process holds in RAM.', 'bytes', 'value'],
  ['heap', 'Heap', 'What the runtime’s objects take.', 'bytes', 'value'],
  ['files', 'Open files and limit', FILES, 'short', 'limit', 'fileLimit'],
  ['concurrency', 'Goroutines and threads', 'What runs at the same time.', 'short', 'value'],
  ['lag', 'Event-loop lag', 'How long callbacks wait: 99% of them at most this.', 's', 'quantiles'],
  ['gc', 'Garbage collection', 'The share of the time that it takes.', 'percentunit', 'rate'],
];

/** All jobs that export metrics of a process or a runtime. */
export const processesDraft = (jobs: readonly JobMetrics[], options: GenerateOptions): Draft => {
  const found = distinct(jobs.flatMap(({ families }) => signsOf(families)));
  const questions = PANELS.flatMap((panel) => questionOf(panel, found));
  const metrics = [...new Set(found.map(({ metric }) => metric))].sort().join('|');
  // One query has all jobs in it.
  const minStep = longest(jobs.flatMap(({ job }) => options.slow?.[job] ?? []));
  const any = metrics === '' ? 'up' : `{__name__=~"${metrics}"}`;
  return {
    queries: queriesOf(questions),
    dashboard: (hasSamples) => {
      const kept = questions.flatMap((question) => answered(question, hasSamples) ?? []);
      const contents = kept.map((question) =>
        panelOf(question, options, { logarithmic: question.kind === 'limit' ? true : undefined, minStep }),
      );
      const frame = {
        uid: PROCESSES_UID,
        title: 'Processes',
        description: 'CPU, memory, files and runtime of each job that exports them.',
        panels: layOut([{ title: 'Processes', collapsed: false, panels: filled(contents, 2, 8) }]),
        jobs: `label_values(${any}, job)`,
        instances: `label_values(${any.replace('}', ',job=~"$job"}')}, instance)`,
      };
      return dashboardOf(frame, options);
    },
  };
};

const longest = (durations: readonly string[]): string | undefined =>
  durations.toSorted((a, b) => (parseDuration(b) ?? 0) - (parseDuration(a) ?? 0))[0];

/** One query a metric, whichever jobs export it. */
const distinct = (signs: readonly FoundSign[]): FoundSign[] => [
  ...new Map(signs.map((sign) => [signQuery(sign, MATCHERS), sign])).values(),
];

const questionOf = (
  [sign, title, description, unit, kind, limit]: ProcessPanel,
  found: readonly FoundSign[],
): Question[] => {
  const there = found.filter((one) => one.sign === sign);
  const limits = found.filter((one) => one.sign === limit);
  const [first, ...others]: Query[] = [
    ...there.map((one) => ({ expr: signQuery(one, MATCHERS), legend: legendOf(one) })),
    ...limits.map((one) => ({ expr: signQuery(one, MATCHERS), legend: '{{job}} limit', limit: true as const })),
  ];
  if (first === undefined || there.length === 0) return [];
  return [drawn({ kind, title, description, unit, queries: [first, ...others] })];
};

const legendOf = ({ known: { of } }: FoundSign): string => (of === undefined ? '{{job}}' : `{{job}} ${of}`);
