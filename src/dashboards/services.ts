import { matcher, RATE_INTERVAL, selector } from '../metrics/promql.ts';
import type { Question } from '../metrics/question.ts';
import { type Sign, signQuery, signsOf } from '../metrics/signs.ts';
import { titleText } from '../metrics/text.ts';
import { vitalSignsOf } from '../metrics/vital-signs.ts';
import { answered, queriesOf } from './answered.ts';
import type { Draft, GenerateOptions, JobMetrics } from './draft.ts';
import { dashboardOf, linkTo } from './frame.ts';
import { filled, layOut, type Section } from './layout.ts';
import { panelOf } from './panel.ts';
import { jobDashboardUid, SERVICES_UID } from './uid.ts';

const VITAL_HEIGHT = 7;
const STATE_HEIGHT = 5;

interface Service {
  job: string;
  /** Requests, failures, durations. */
  vital: readonly Question[];
  /** Up, restarts, memory, CPU. */
  state: readonly Question[];
}

/** One row per job with its vital signs: the page that `monitor open` opens. */
export const servicesDraft = (jobs: readonly JobMetrics[], options: GenerateOptions): Draft => {
  const services = jobs.toSorted((a, b) => (a.job < b.job ? -1 : 1)).map(serviceOf);
  return {
    queries: queriesOf(services.flatMap(({ vital, state }) => [...vital, ...state])),
    dashboard: (hasSamples) =>
      dashboardOf(
        {
          uid: SERVICES_UID,
          title: 'Services',
          description: 'How each job does: requests, failures, durations, whether it is up, memory and CPU.',
          panels: layOut(services.flatMap((service) => sectionOf(service, hasSamples, options))),
          jobs: 'label_values(up, job)',
          instances: 'label_values(up{job=~"$job"}, instance)',
        },
        options,
      ),
  };
};

const sectionOf = (
  { job, vital, state }: Service,
  hasSamples: (query: string) => boolean,
  options: GenerateOptions,
): Section[] => {
  const links = [linkTo(jobDashboardUid(job), `Job ${titleText(job)}`)];
  const draw = (question: Question) => {
    const kept = answered(question, hasSamples);
    return kept === undefined
      ? []
      : [panelOf(kept, options, { links, states: ['up', 'down'], minStep: options.slow?.[job] })];
  };
  // What is below has another height.
  const panels = [...filled(vital.flatMap(draw), 3, VITAL_HEIGHT, 1), ...filled(state.flatMap(draw), 4, STATE_HEIGHT)];
  return panels.length === 0 ? [] : [{ title: titleText(job), collapsed: false, panels }];
};

const serviceOf = ({ job, families }: JobMetrics): Service => {
  const matchers = [matcher('job', '=', job), 'job=~"$job"', 'instance=~"$instance"'];
  const signs = signsOf(families);
  const first = (...wanted: Sign[]) =>
    signs.find(({ sign }) => sign === wanted.find((w) => signs.some((s) => s.sign === w)));
  const memory = first('memory', 'heap');
  const cpu = first('cpu');
  const started = first('started');
  return {
    job,
    vital: vitalQuestions({ job, families }, matchers),
    state: [
      ask('state', 'Up', 'Whether the last scrape succeeded.', 'bool_yes_no', selector('up', matchers)),
      ...(started === undefined
        ? []
        : [
            ask(
              'rate',
              'Restarts',
              'How often the process restarted.',
              'short',
              `changes(${selector(started.metric, matchers)}[${RATE_INTERVAL}])`,
            ),
          ]),
      ...(memory === undefined
        ? []
        : [ask('value', memory.sign === 'heap' ? 'Heap' : 'Memory', 'In use.', 'bytes', signQuery(memory, matchers))]),
      ...(cpu === undefined ? [] : [ask('rate', 'CPU', '100% is one core.', 'percentunit', signQuery(cpu, matchers))]),
    ],
  };
};

const vitalQuestions = ({ families }: JobMetrics, matchers: readonly string[]): Question[] => {
  const vital = vitalSignsOf(families, matchers);
  if (vital === undefined) return [];
  const metrics = vital.families.map((name) => `\`${name}\``).join(' and ');
  const from = vital.library === undefined ? `Read from ${metrics}.` : `Read from ${metrics} of ${vital.library}.`;
  const { requests, errors, duration } = vital;
  return [
    ask('rate', 'Requests per second', `Answered requests. ${from}`, 'reqps', requests, 'requests'),
    ...(errors === undefined
      ? []
      : [ask('rate', 'Errors', `The share of requests that failed. ${from}`, 'percentunit', errors, 'errors')]),
    ...(duration === undefined
      ? []
      : duration.kind === 'p95'
        ? [ask('quantiles', 'Duration, p95', `95% of requests take at most this. ${from}`, 's', duration.query, 'p95')]
        : [
            ask(
              'average',
              'Duration, average',
              `There are no buckets for a p95. ${from}`,
              's',
              duration.query,
              'average',
            ),
          ]),
  ];
};

const ask = (
  kind: Question['kind'],
  title: string,
  description: string,
  unit: string,
  expr: string,
  legend = '{{instance}}',
): Question => ({
  kind,
  title,
  description,
  unit,
  panel: kind === 'state' ? 'state-timeline' : 'timeseries',
  queries: [{ expr, legend }],
  families: [],
  notes: [],
});
