import type { MetricFamily } from '../metrics/family.ts';
import { matcher, selector } from '../metrics/promql.ts';
import { type Question, type QuestionContext, questionOf, questionsOf } from '../metrics/question.ts';
import { isRuntimeFamily } from '../metrics/signs.ts';
import { markdownText, titleText } from '../metrics/text.ts';
import { answered, type Draft, type GenerateOptions, type HasSamples, type JobMetrics, queriesOf } from './draft.ts';
import { dashboardOf } from './frame.ts';
import { groupFamilies } from './groups.ts';
import { filled, layOut, type Section } from './layout.ts';
import { panelOf, textPanel } from './panel.ts';
import { jobDashboardUid } from './uid.ts';

const IN_LINE = 3;
const HEIGHT = 8;
/** Rows below these many panels are collapsed, so that a page of 300 metrics opens as fast as one of 10. */
const OPEN_PANELS = 24;

const CONTEXT: QuestionContext = { matchers: ['job=~"$job"', 'instance=~"$instance"'] };

interface Group {
  title: string;
  /** Each family with all that is asked of it. */
  asked: readonly { family: MetricFamily; questions: readonly Question[] }[];
}

/** The dashboard of one job: its own metrics by prefix, then those of its runtime and process in a collapsed row. */
export const jobDraft = ({ job, families }: JobMetrics, options: GenerateOptions): Draft => {
  const context = { ...CONTEXT, families: new Map(families.map((family) => [family.name, family])) };
  const drawable = ({ native }: Question): boolean => !native || options.version.major >= 10;
  const isRuntime = ({ name }: MetricFamily): boolean => name === 'up' || isRuntimeFamily(name);
  const present = families.filter(({ series }) => series > 0);
  const own = groupFamilies(present.filter((family) => !isRuntime(family))).map(({ title, families: members }) => {
    const all = (family: MetricFamily) => questionsOf(family, localized(family, context)).filter(drawable);
    return withoutLimits({ title, asked: members.map((family) => ({ family, questions: all(family) })) });
  });
  const first = (family: MetricFamily) => [questionOf(family, localized(family, context))];
  const runtime = withoutLimits({
    title: 'Runtime and process',
    asked: present.filter(isRuntime).map((family) => ({ family, questions: first(family) })),
  });
  const groups = runtime.asked.length === 0 ? own : [...own, runtime];
  return {
    queries: queriesOf(groups.flatMap(({ asked }) => asked.flatMap(({ questions }) => questions))),
    dashboard: (hasSamples) => {
      const unseen = new Set(families.filter(({ series }) => series === 0));
      const sections = sectionsOf(groups, { job, hasSamples, options, runtime, unseen });
      return dashboardOf(frameOf(job, present, [...sections, ...notSeen(unseen)]), options);
    },
  };
};

/** What is pushed may have no instance, and would fit no value of that variable. */
const localized = (family: MetricFamily, context: QuestionContext): QuestionContext =>
  family.labels.some(({ name }) => name === 'instance')
    ? context
    : { ...context, matchers: context.matchers.slice(0, 1) };

/** A limit is drawn with what it limits, and not alone once more. */
const withoutLimits = ({ title, asked }: Group): Group => {
  const limits = new Set(
    asked.flatMap(({ questions }) =>
      questions.flatMap(({ kind, families }) => (kind === 'limit' ? families.slice(1) : [])),
    ),
  );
  return { title, asked: asked.filter(({ family }) => !limits.has(family.name)) };
};

interface Filling {
  job: string;
  hasSamples: HasSamples;
  options: GenerateOptions;
  runtime: Group;
  /** Grows by those families that no query had samples for. */
  unseen: Set<MetricFamily>;
}

const sectionsOf = (groups: readonly Group[], { job, hasSamples, options, runtime, unseen }: Filling): Section[] => {
  let open = 0;
  return groups.map((group) => {
    const contents = group.asked.flatMap(({ family, questions }) => {
      const kept = withoutEmptyHeatmap(questions.flatMap((question) => answered(question, hasSamples) ?? []));
      if (kept.length === 0) unseen.add(family);
      const minStep = options.slow?.[job];
      return kept.map((question) =>
        panelOf(question, options, { logarithmic: isOfFiles(question) ? true : undefined, minStep }),
      );
    });
    const collapsed = group === runtime || (open > 0 && open + contents.length > OPEN_PANELS);
    if (!collapsed) open += contents.length;
    return { title: titleText(group.title), collapsed, panels: filled(contents, IN_LINE, HEIGHT) };
  });
};

/** Buckets that nothing fell into have samples, and no quantile: Grafana draws nothing of them. */
const withoutEmptyHeatmap = (questions: readonly Question[]): Question[] =>
  questions.filter(({ kind }) => kind !== 'heatmap' || questions.some((one) => one.kind === 'quantiles'));

/** Containers may open a million files or a billion, and open ten. */
const isOfFiles = ({ kind, families }: Question): boolean =>
  kind === 'limit' && /(?:^|_)(?:fds|files)$/.test(families[0] ?? '');

const frameOf = (job: string, present: readonly MetricFamily[], sections: readonly Section[]) => {
  // Pushed metrics have a job that is not scraped, and so no `up`.
  const known = present.find(({ name }) => name === 'up') ?? present[0];
  const metric = known?.stored.at(-1) ?? 'up';
  const only = matcher('job', '=', job);
  return {
    uid: jobDashboardUid(job),
    title: `Job ${titleText(job)}`,
    description: `What the job ${titleText(job)} exports, written from the metrics that are there.`,
    panels: layOut(sections),
    jobs: `label_values(${selector(metric, [only])}, job)`,
    instances: `label_values(${selector(metric, [only])}, instance)`,
    job,
  };
};

const notSeen = (families: ReadonlySet<MetricFamily>): Section[] => {
  if (families.size === 0) return [];
  const lines = [...families]
    .map(({ name, help }) => `- \`${name.replaceAll('`', "'")}\`${help === '' ? '' : `: ${markdownText(help)}`}`)
    .sort();
  const content = `These metrics are described and have no samples yet. They get panels when they do.\n\n${lines.join('\n')}`;
  const panel = textPanel('Not seen yet', 'Metrics that are described and have no samples', content);
  return [{ title: 'Not seen yet', collapsed: true, panels: [{ content: panel, w: 24, h: HEIGHT }] }];
};
