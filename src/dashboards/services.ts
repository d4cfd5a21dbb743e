import { matcher, RATE_INTERVAL, selector } from '../metrics/promql.ts';
import type { Question } from '../metrics/question.ts';
import { type Sign, signQuery, signsOf } from '../metrics/signs.ts';
import { titleText } from '../metrics/text.ts';
import { vitalSignsOf } from '../metrics/vital-signs.ts';
import {
  answered,
  type Draft,
  drawn,
  type GenerateOptions,
  type HasSamples,
  type JobMetrics,
  queriesOf,
} from './draft.ts';
import { dashboardOf, linkTo } from './frame.ts';
import { filled, layOut, type Section } from './layout.ts';
import { panelOf } from './panel.ts';
import { jobDashboardUid, SERVICES_UID } from './uid.ts';

const VITAL_HEIGHT = 7;
const STATE_HEIGHT = 5;

interface Service {
  job: string;
  vital: readonly Question[];
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
          panels: layOut(services.map((service) => sectionOf(service, hasSamples, options))),
          jobs: 'label_values(up, job)',
          instances: 'label_values(up{job=~"$job"}, instance)',
        },
        options,
      ),
  };
};

const sectionOf = ({ job, vital, state }: Service, hasSamples: HasSamples, options: GenerateOptions): Section => {
  const links = [linkTo(jobDashboardUid(job), `Job ${titleText(job)}`)];
  const extras = { links, states: ['up', 'down'], minStep: options.slow?.[job] } as const;
  const draw = (questions: readonly Question[]) =>
    questions.flatMap((one) => answered(one, hasSamples) ?? []).map((one) => panelOf(one, options, extras));
  // What is below has another height.
  const panels = [...filled(draw(vital), 3, VITAL_HEIGHT, 1), ...filled(draw(state), 4, STATE_HEIGHT)];
  return { title: titleText(job), collapsed: false, panels };
};

const serviceOf = ({ job, families }: JobMetrics): Service => {
  const matchers = [matcher('job', '=', job), 'job=~"$job"', 'instance=~"$instance"'];
  const signs = signsOf(families);
  const of = (sign: Sign) => signs.filter((found) => found.sign === sign);
  const [memory, heap] = [of('memory'), of('heap')];
  const restarts = (metric: string) => `changes(${selector(metric, matchers)}[${RATE_INTERVAL}])`;
  return {
    job,
    vital: vitalQuestions(families, matchers),
    state: [
      ask('state', 'Up', 'Whether the last scrape succeeded.', 'bool_yes_no', selector('up', matchers)),
      ...of('started').map(({ metric }) =>
        ask('rate', 'Restarts', 'How often the process restarted.', 'short', restarts(metric)),
      ),
      ...(memory.length > 0 ? memory : heap).map((found) =>
        ask('value', found.sign === 'heap' ? 'Heap' : 'Memory', 'In use.', 'bytes', signQuery(found, matchers)),
      ),
      ...of('cpu').map((found) => ask('rate', 'CPU', '100% is one core.', 'percentunit', signQuery(found, matchers))),
    ],
  };
};

const vitalQuestions = (families: JobMetrics['families'], matchers: readonly string[]): Question[] => {
  const vital = vitalSignsOf(families, matchers);
  if (vital === undefined) return [];
  const metrics = vital.families.map((name) => `\`${name}\``).join(' and ');
  const from = `Read from ${metrics}${vital.library === undefined ? '' : ` of ${vital.library}`}.`;
  const { requests, errors, duration } = vital;
  const asked = [ask('rate', 'Requests per second', `Answered requests. ${from}`, 'reqps', requests, 'requests')];
  if (errors !== undefined) {
    const failed = `The share of requests that failed. ${from}`;
    asked.push(ask('rate', 'Errors', failed, 'percentunit', errors, 'errors'));
  }
  if (duration?.kind === 'p95') {
    const most = `95% of requests take at most this. ${from}`;
    asked.push(ask('quantiles', 'Duration, p95', most, 's', duration.query, 'p95'));
  } else if (duration !== undefined) {
    const bare = `There are no buckets for a p95. ${from}`;
    asked.push(ask('average', 'Duration, average', bare, 's', duration.query, 'average'));
  }
  return asked;
};

const ask = (
  kind: Question['kind'],
  title: string,
  description: string,
  unit: string,
  expr: string,
  legend = '{{instance}}',
): Question => drawn({ kind, title, description, unit, queries: [{ expr, legend }] });
