/**
 * Grafana's dashboard JSON, as far as this program writes it; spelled as there.
 * Source: `@grafana/schema` (kinds/dashboard), and the JSON that 7.5.5, 9.4 and 12.4.3 answer.
 */
export interface Dashboard {
  uid: string;
  title: string;
  description: string;
  tags: string[];
  schemaVersion: number;
  editable: boolean;
  /** 1: one crosshair for all panels. */
  graphTooltip: 0 | 1 | 2;
  time: { from: string; to: string };
  refresh: string;
  timezone: 'browser';
  links: DashboardLink[];
  templating: { list: Variable[] };
  annotations: { list: Annotation[] };
  panels: (Panel | Row)[];
}

/** By its uid; before 9 by its name. */
export type DatasourceRef = { type: string; uid: string } | string;

export interface GridPos {
  /** Of 24 columns. */
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Row {
  id: number;
  type: 'row';
  title: string;
  gridPos: GridPos;
  collapsed: boolean;
  /** Those of a collapsed row; an open one's follow it in the dashboard. */
  panels: Panel[];
}

export interface Panel {
  id: number;
  type: 'timeseries' | 'heatmap' | 'state-timeline' | 'table' | 'stat' | 'text';
  title: string;
  description: string;
  gridPos: GridPos;
  /** Absent for text. */
  datasource?: DatasourceRef;
  targets?: Target[];
  fieldConfig?: FieldConfig;
  options?: Readonly<Record<string, unknown>>;
  transformations?: { id: string; options: Readonly<Record<string, unknown>> }[];
  links?: DashboardLink[];
  /** A heatmap before 9 keeps its settings beside `options`. */
  dataFormat?: 'tsbuckets';
  color?: Readonly<Record<string, unknown>>;
  yAxis?: Readonly<Record<string, unknown>>;
  hideZeroBuckets?: boolean;
}

export interface Target {
  refId: string;
  /** Before 9 the panel's is enough. */
  datasource?: DatasourceRef;
  expr: string;
  legendFormat: string;
  /** The least step. */
  interval?: string;
  instant?: boolean;
  range?: boolean;
  format?: 'time_series' | 'table' | 'heatmap';
}

export interface FieldConfig {
  defaults: FieldOptions;
  overrides: FieldOverride[];
}

export interface FieldOverride {
  matcher: { id: string; options: string };
  properties: { id: string; value: unknown }[];
}

export interface FieldOptions {
  unit: string;
  min?: number;
  max?: number;
  color?: { mode: 'palette-classic' | 'thresholds' };
  mappings?: { type: 'value'; options: Record<string, { text: string; color: string; index: number }> }[];
  thresholds?: { mode: 'absolute'; steps: { color: string; value: number | null }[] };
  links?: { title: string; url: string }[];
  custom?: Readonly<Record<string, unknown>>;
}

export interface DashboardLink {
  title: string;
  /** To a URL, or to all dashboards of some tags. */
  type: 'link' | 'dashboards';
  icon: string;
  tooltip: string;
  url?: string;
  tags: string[];
  asDropdown: boolean;
  includeVars: boolean;
  keepTime: boolean;
  targetBlank: boolean;
}

export interface Variable {
  name: string;
  label: string;
  type: 'datasource' | 'query';
  query: string | { query: string; refId: string };
  definition?: string;
  datasource?: DatasourceRef;
  /** 2: when the time range changes. */
  refresh: 0 | 1 | 2;
  regex: string;
  multi: boolean;
  includeAll: boolean;
  allValue?: string;
  sort?: number;
  hide: 0 | 1 | 2;
  current: { selected?: boolean; text: string | string[]; value: string | string[] };
}

export interface Annotation {
  name: string;
  datasource: DatasourceRef;
  enable: boolean;
  hide: boolean;
  iconColor: string;
  builtIn?: 0 | 1;
  type?: string;
  /** From 9 on. */
  target?: { refId: string; type: 'tags'; tags: string[]; matchAny: boolean; limit: number };
  /** Before 9. */
  tags?: string[];
  matchAny?: boolean;
  limit?: number;
}
