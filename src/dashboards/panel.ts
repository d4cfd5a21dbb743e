import type { Question } from '../metrics/question.ts';
import type { GenerateOptions } from './draft.ts';
import { byUid, variableDatasource } from './frame.ts';
import type { DashboardLink, FieldConfig, FieldOverride, Panel, Target } from './model.ts';

export type PanelContent = Omit<Panel, 'id' | 'gridPos'>;

export interface PanelExtras {
  links?: DashboardLink[];
  /** For values that lie far apart, such as open files and a limit of a billion. */
  logarithmic?: true;
  /** Words for 1 and 0. */
  states?: readonly [yes: string, no: string];
  /** The least step of its queries: a Prometheus duration. */
  minStep?: string;
}

/** A question as a panel, in the form that a server of this version takes. */
export const panelOf = (question: Question, options: GenerateOptions, extras: PanelExtras = {}): PanelContent => ({
  ...byKind(question, options, extras),
  title: question.title,
  description: question.description,
  datasource: variableDatasource(options),
  targets: targetsOf(question, options, extras),
  links: extras.links,
});

type Body = Pick<Panel, 'type'> & Partial<PanelContent>;

const byKind = (question: Question, options: GenerateOptions, extras: PanelExtras): Body => {
  switch (question.panel) {
    case 'heatmap':
      return byUid(options) ? heatmap(question, options) : heatmapBefore9(question);
    case 'table':
      return infoTable(question);
    // Grafana has state timelines from 8 on.
    case 'state-timeline':
      return byUid(options) ? stateTimeline(question, extras) : steps();
    case 'timeseries':
      return timeseries(question, options, extras);
  }
};

const targetsOf = (question: Question, options: GenerateOptions, { minStep }: PanelExtras): Target[] =>
  question.queries.map(({ expr, legend, instant }, index) => ({
    refId: refId(index),
    datasource: byUid(options) ? variableDatasource(options) : undefined,
    expr,
    legendFormat: legend,
    interval: minStep,
    instant: instant ?? false,
    range: !instant,
    format: question.panel === 'heatmap' ? 'heatmap' : instant ? 'table' : 'time_series',
  }));

/** `A` to `Z`, then `A1`. */
const refId = (index: number): string => {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26)}`;
};

const LEGEND = { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] };
const TOOLTIP = { mode: 'multi', sort: 'desc' };
const CHART = { legend: LEGEND, tooltip: TOOLTIP };
/** What `tooltip` was called before 8. */
const CHART_BEFORE_9 = { ...CHART, tooltipOptions: { mode: 'multi' } };

const timeseries = (question: Question, options: GenerateOptions, { logarithmic }: PanelExtras): Body => ({
  type: 'timeseries',
  fieldConfig: {
    defaults: {
      unit: question.unit,
      ...(fromZero(question) && !logarithmic ? { min: 0 } : {}),
      color: { mode: 'palette-classic' },
      custom: {
        drawStyle: 'line',
        lineWidth: 1,
        fillOpacity: 10,
        showPoints: 'auto',
        spanNulls: false,
        ...(question.kind === 'rate' && question.unit === 'short' ? { axisSoftMax: 1 } : {}),
        ...(logarithmic ? { scaleDistribution: { type: 'log', log: 10 } } : {}),
      },
    },
    overrides: question.queries.some(({ limit }) => limit) ? LIMIT_LINES : [],
  },
  options: byUid(options) ? CHART : CHART_BEFORE_9,
});

/** What cannot be less than 0: speeds, times, and amounts that are counted. */
const fromZero = ({ kind, unit }: Question): boolean =>
  kind !== 'value' || ['bytes', 'percentunit', 'reqps', 'cps', 's'].includes(unit);

const LIMIT_LINES: FieldOverride[] = [
  {
    matcher: { id: 'byRegexp', options: '/(^| )limit$/' },
    properties: [
      { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } },
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
      { id: 'custom.fillOpacity', value: 0 },
    ],
  },
  {
    // One a job would fill the legend.
    matcher: { id: 'byRegexp', options: '/. limit$/' },
    properties: [{ id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } }],
  },
];

const STEPS = [
  { color: 'red', value: null },
  { color: 'green', value: 1 },
];

const stateTimeline = (question: Question, { states: [yes, no] = ['yes', 'no'] }: PanelExtras): Body => {
  const mapped = { 1: { text: yes, color: 'green', index: 0 }, 0: { text: no, color: 'red', index: 1 } };
  return {
    type: 'state-timeline',
    fieldConfig: {
      defaults: {
        unit: question.unit,
        color: { mode: 'thresholds' },
        mappings: [{ type: 'value', options: mapped }],
        thresholds: { mode: 'absolute', steps: STEPS },
        custom: { lineWidth: 0, fillOpacity: 70 },
      },
      overrides: [],
    },
    options: { mergeValues: true, showValue: 'auto', alignValue: 'left', rowHeight: 0.9, ...CHART },
  };
};

/** Its units have no words for 0 and 1. */
const steps = (): Body => ({
  type: 'timeseries',
  fieldConfig: {
    defaults: {
      unit: 'none',
      min: 0,
      max: 1,
      color: { mode: 'palette-classic' },
      custom: { drawStyle: 'line', lineInterpolation: 'stepAfter', lineWidth: 1, fillOpacity: 10, showPoints: 'auto' },
    },
    overrides: [],
  },
  options: CHART_BEFORE_9,
});

const plain = (unit: string): FieldConfig => ({ defaults: { unit }, overrides: [] });

const heatmap = ({ unit, queries: [{ expr }] }: Question, { version }: GenerateOptions): Body => ({
  type: 'heatmap',
  // A gauge histogram is a state, and no rate.
  fieldConfig: plain(expr.includes('rate(') ? 'cps' : 'short'),
  options: {
    calculate: false,
    cellGap: 1,
    color: { mode: 'scheme', scheme: 'Oranges', fill: 'dark-orange', exponent: 0.5, steps: 64, reverse: false },
    filterValues: { le: 1e-9 },
    rowsFrame: { layout: 'auto' },
    showValue: 'never',
    tooltip: version.major < 10 ? { show: true, yHistogram: true } : { mode: 'single', yHistogram: true },
    legend: { show: true },
    exemplars: { color: 'rgba(255,0,255,0.7)' },
    yAxis: { axisPlacement: 'left', unit, reverse: false },
  },
});

const heatmapBefore9 = ({ unit }: Question): Body => ({
  type: 'heatmap',
  dataFormat: 'tsbuckets',
  color: { mode: 'spectrum', colorScheme: 'interpolateOranges', exponent: 0.5 },
  yAxis: { format: unit, show: true },
  hideZeroBuckets: true,
});

const HIDDEN = { Time: true, Value: true, 'Value #A': true, __name__: true, job: true };

/** One row a series, a column a label; what is the same everywhere or says nothing is hidden. */
const infoTable = ({ unit }: Question): Body => ({
  type: 'table',
  fieldConfig: plain(unit),
  options: { showHeader: true },
  transformations: [{ id: 'organize', options: { excludeByName: HIDDEN, indexByName: {}, renameByName: {} } }],
});

/** Markdown; what is foreign in it has been made harmless (`markdownText`). */
export const textPanel = (title: string, description: string, content: string): PanelContent => ({
  type: 'text',
  title,
  description,
  options: { mode: 'markdown', content },
});
