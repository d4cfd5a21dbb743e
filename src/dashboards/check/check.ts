import { MonitorError } from '../../errors.ts';
import { inTurns } from '../../in-turns.ts';
import { asRecord, type JsonRecord, textOf } from '../../json.ts';
import { hasSample } from '../../prometheus/answers.ts';
import type { PrometheusClient, TimeRange } from '../../prometheus/client.ts';
import { selectorsOf } from '../../prometheus/selectors.ts';
import { type CheckContext, placeOf } from './context.ts';
import { gatherEvidence } from './evidence.ts';
import { fillQuery, fillText, referencesIn, type Values } from './interpolate.ts';
import { intervalText, type PanelTime, panelTime, timeRange } from './intervals.ts';
import { type PanelTarget, type QueryPanel, queryPanels } from './panels.ts';
import { resolveVariables } from './resolve-variables.ts';
import type { Variable } from './variables.ts';
import { type Cause, whyNothing, whyVariables } from './why-empty.ts';

export interface CheckedPanel {
  title: string;
  /** `other`: it asks no Prometheus, so that it is not checked. */
  state: 'data' | 'empty' | 'other';
  causes: (Cause & { query: string; place?: readonly string[] })[];
}

const AT_ONCE = 6;

/**
 * Runs every panel's queries as Grafana does when the dashboard is opened, and says of each that gives nothing why. A
 * panel has data where one of its queries has a sample that is a number. Fails as the client does.
 */
export const checkDashboard = async (dashboard: JsonRecord, context: CheckContext): Promise<CheckedPanel[]> => {
  const time = asRecord(dashboard['time']);
  const range = timeRange({ from: textOf(time, 'from'), to: textOf(time, 'to') }, context.now);
  const variables = await resolveVariables(dashboard, range, context);
  const check = checkerOf(context, range, variables);
  const panels = queryPanels(dashboard, context.libraryPanels).flatMap((panel) => repeated(panel, variables));
  return inTurns(panels, AT_ONCE, ({ panel, own }) => check(panel, own));
};

interface Repeated {
  panel: QueryPanel;
  own: ReadonlyMap<string, string>;
}

/** More of a repeated panel say the same. */
const MOST_REPEATS = 20;

const repeated = (panel: QueryPanel, variables: ReadonlyMap<string, Variable>): Repeated[] => {
  const [name = '', ...repeats] = panel.repeats;
  const values = variables.get(name)?.values ?? [];
  if (values.length === 0) return [{ panel, own: new Map() }];
  const isInTitle = referencesIn(panel.title).includes(name);
  return values.slice(0, MOST_REPEATS).flatMap((value) =>
    repeated({ ...panel, repeats }, variables).map(({ panel: inner, own }) => {
      const title = isInTitle ? inner.title : `${inner.title} (${value})`;
      return { panel: { ...inner, title }, own: new Map([...own, [name, value]]) };
    }),
  );
};

const checkerOf =
  (context: CheckContext, dashboardRange: TimeRange, variables: ReadonlyMap<string, Variable>) =>
  async (panel: QueryPanel, own: ReadonlyMap<string, string>): Promise<CheckedPanel> => {
    const range = ownRange(panel, dashboardRange);
    const title = fillText(panel.title, { variables, own });
    const asked = panel.targets.map((target) => ({
      target,
      place: placeOf(target.datasource ?? panel.datasource, { variables, own }, context),
    }));
    const ours = asked.filter(({ place, target }) => place === 'ours' && target.expr !== '');
    const ask = (target: PanelTarget): ReturnType<typeof askTarget> => {
      const minStep = fillText(target.interval ?? panel.interval ?? '', { variables, own });
      const { scrapeInterval } = context;
      const { maxPoints } = panel;
      const time = panelTime({ ...range, scrapeInterval, minStep, maxPoints, factor: target.factor });
      return askTarget(target, time, { variables, own: new Map([...own, ...grafanasOwn(time)]) }, context);
    };
    const results = await Promise.all(ours.map(({ target }) => ask(target)));
    if (results.some((result) => result === 'data')) return { title, state: 'data', causes: [] };
    const missing = asked.flatMap(({ place }) => (typeof place === 'object' ? [place] : []));
    const causes = [
      ...results.filter((result) => result !== 'data'),
      ...missing.map(({ name }): CheckedPanel['causes'][number] => {
        const message = `Grafana has no datasource ${name}; the one of this stack is ${context.ours}`;
        return { code: 'other-datasource', message, query: '' };
      }),
    ];
    return { title, state: causes.length === 0 ? 'other' : 'empty', causes };
  };

const ownRange = ({ timeFrom }: QueryPanel, range: TimeRange): TimeRange =>
  timeFrom === undefined ? range : timeRange({ from: `now-${timeFrom.replace(/^now-/, '')}`, to: 'now' }, range.end);

/** Source: Grafana's "Global variables", and the Prometheus datasource's own. */
const grafanasOwn = ({ start, end, step, rateInterval }: PanelTime): [string, string][] => [
  ['__interval', intervalText(step)],
  ['__interval_ms', `${Math.round(step)}`],
  ['__rate_interval', intervalText(rateInterval)],
  ['__rate_interval_ms', `${Math.round(rateInterval)}`],
  ['__range', `${Math.round(end - start)}s`],
  ['__range_s', `${Math.round(end - start)}`],
  ['__range_ms', `${Math.round((end - start) * 1000)}`],
  ['__from', `${Math.round(start * 1000)}`],
  ['__to', `${Math.round(end * 1000)}`],
];

const askTarget = async (
  target: PanelTarget,
  time: PanelTime,
  values: Values,
  { prometheus }: CheckContext,
): Promise<'data' | CheckedPanel['causes'][number]> => {
  const query = fillQuery(target.expr, values);
  try {
    const { start, end, step } = time;
    const range = { start, end, step: step / 1000 };
    const results = await Promise.all([
      ...(target.range ? [prometheus.queryRange(query, range)] : []),
      ...(target.instant ? [prometheus.query(query, end)] : []),
    ]);
    if (results.some(({ series }) => series.some(hasSample))) return 'data';
    const used = referencesIn(target.expr).flatMap((name) => values.variables.get(name) ?? []);
    const cause = whyVariables(used) ?? (await whyQuery(query, time, !target.range, prometheus));
    return { ...cause, query };
  } catch (error) {
    if (!(error instanceof MonitorError) || error.code !== 'wrong-expression') throw error;
    return { code: 'wrong-expression', message: error.message, query, place: error.detail };
  }
};

/** `now`: it is asked at the end of the range alone. */
const whyQuery = async (
  query: string,
  range: TimeRange,
  now: boolean,
  prometheus: PrometheusClient,
): Promise<Cause> => {
  for (const selector of selectorsOf(query)) {
    const cause = whyNothing(selector, await gatherEvidence(selector, range, prometheus));
    if (cause !== undefined) return cause;
    const { text, metric, range: window } = selector;
    if (now && window === undefined && (await prometheus.query(text, range.end)).series.length === 0) {
      const message = `${metric || text} has no samples now; it had some in this time range`;
      return { code: 'metric-vanished', message };
    }
  }
  return { code: 'nothing-left', message: 'each metric has samples, but the expression leaves none of them' };
};
