import type * as grafana from '@grafana/schema';

/** Grafana's dashboard JSON by its own schema, with what this program always writes and what servers before 9 read instead. */

/** A type as JSON has it: an enum is its values. */
type Json<A> = A extends string
  ? `${A}`
  : A extends number
    ? number
    : A extends object
      ? { [Key in keyof A]: Json<A[Key]> }
      : A;

type Always<A, Key extends keyof A> = Omit<A, Key> & Required<Pick<A, Key>>;

/** By its uid; before 9 by its name. */
export type DatasourceRef = { type: string; uid: string } | string;

export type GridPos = grafana.GridPos;
export type DashboardLink = Json<grafana.DashboardLink>;
export type FieldConfig = Json<grafana.FieldConfigSource>;
export type FieldOverride = FieldConfig['overrides'][number];

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

export type Panel = Always<Omit<Json<grafana.Panel>, 'type' | 'datasource' | 'targets'>, 'id' | 'title' | 'gridPos'> & {
  type: 'timeseries' | 'heatmap' | 'state-timeline' | 'table' | 'stat' | 'text';
  /** Absent for text. */
  datasource?: DatasourceRef;
  targets?: Target[];
  /** A heatmap before 9 keeps its settings beside `options`. */
  dataFormat?: 'tsbuckets';
  color?: Readonly<Record<string, unknown>>;
  yAxis?: Readonly<Record<string, unknown>>;
  hideZeroBuckets?: boolean;
};

/** The panels of an open one follow it in the dashboard. */
export type Row = Always<Omit<Json<grafana.RowPanel>, 'panels'>, 'gridPos'> & { panels: Panel[] };

export type Variable = Omit<Json<grafana.VariableModel>, 'datasource'> & {
  datasource?: DatasourceRef;
  definition?: string;
};

interface MarkQuery {
  tags: string[];
  matchAny: boolean;
  limit: number;
}

/** What it asks is in its target; before 9 beside it. */
export type Annotation = Omit<Json<grafana.AnnotationQuery>, 'datasource' | 'target'> & {
  datasource: DatasourceRef;
  target?: MarkQuery & { refId: string; type: 'tags' };
} & Partial<MarkQuery>;

type OfOwn = 'templating' | 'annotations' | 'panels';

export interface Dashboard extends Always<Omit<Json<grafana.Dashboard>, OfOwn>, 'uid' | 'title'> {
  templating: { list: Variable[] };
  annotations: { list: Annotation[] };
  panels: (Panel | Row)[];
}
