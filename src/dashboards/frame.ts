import type { GenerateOptions } from './draft.ts';
import type { Annotation, Dashboard, DashboardLink, DatasourceRef, Panel, Row, Variable } from './model.ts';

/** What every generated dashboard has: variables, marks of what happened to containers, links to the others. */

/** The tag of all that this program writes into Grafana. */
export const TAG = 'monitor';

/** The time that a page shows when it is opened: a Prometheus duration. */
export const WINDOW = '15m';

/** Grafana names a datasource by its uid from 9 on, by its name before. */
export const byUid = ({ version }: GenerateOptions): boolean => version.major >= 9;

/** The dashboard's datasource variable, which each panel and variable uses. */
export const variableDatasource = (options: GenerateOptions): DatasourceRef =>
  byUid(options) ? { type: 'prometheus', uid: '$datasource' } : '$datasource';

export interface Frame {
  uid: string;
  title: string;
  description: string;
  panels: (Panel | Row)[];
  /** `label_values()` queries. */
  jobs: string;
  instances: string;
  /** The only job there is to choose; absent: all are shown. */
  job?: string;
}

const LINK = {
  icon: '',
  tooltip: '',
  tags: [],
  asDropdown: false,
  includeVars: false,
  keepTime: true,
  targetBlank: false,
};

export const linkTo = (uid: string, title: string): DashboardLink => ({
  ...LINK,
  type: 'link',
  title,
  url: `/d/${uid}`,
});

export const dashboardOf = (frame: Frame, options: GenerateOptions): Dashboard => ({
  uid: frame.uid,
  title: frame.title,
  description: frame.description,
  tags: [TAG, options.stack],
  schemaVersion: byUid(options) ? 36 : 27,
  editable: true,
  graphTooltip: 1,
  time: { from: `now-${WINDOW}`, to: 'now' },
  refresh: '10s',
  timezone: 'browser',
  links: [{ ...LINK, title: 'Monitor', type: 'dashboards', icon: 'external link', tags: [TAG], asDropdown: true }],
  templating: { list: variablesOf(frame, options) },
  annotations: { list: [containerMarks(options)] },
  panels: frame.panels,
});

const variablesOf = ({ jobs, instances, job }: Frame, options: GenerateOptions): Variable[] => {
  const { uid, name } = options.ours;
  return [
    {
      name: 'datasource',
      label: 'Data source',
      type: 'datasource',
      query: 'prometheus',
      refresh: 1,
      regex: '',
      multi: false,
      includeAll: false,
      hide: 0,
      current: { selected: false, text: name, value: byUid(options) ? uid : name },
    },
    queryVariable('job', 'Job', jobs, options, job),
    queryVariable('instance', 'Instance', instances, options),
  ];
};

const queryVariable = (
  name: string,
  label: string,
  query: string,
  options: GenerateOptions,
  only?: string,
): Variable => ({
  name,
  label,
  type: 'query',
  datasource: variableDatasource(options),
  query: byUid(options) ? { query, refId: 'StandardVariableQuery' } : query,
  definition: query,
  refresh: 2,
  regex: '',
  multi: true,
  includeAll: only === undefined,
  allValue: '.+',
  sort: 1,
  hide: 0,
  current: { selected: true, text: [only ?? 'All'], value: [only ?? '$__all'] },
});

const containerMarks = (options: GenerateOptions): Annotation => {
  const asked = { tags: [TAG, options.stack], matchAny: false, limit: 100 };
  const shown = { name: 'Containers', enable: true, hide: false, iconColor: 'rgba(255, 152, 48, 1)' };
  if (!byUid(options)) return { ...shown, datasource: '-- Grafana --', type: 'tags', ...asked };
  const target = { refId: 'Containers', type: 'tags' as const, ...asked };
  return { ...shown, datasource: { type: 'grafana', uid: '-- Grafana --' }, target };
};
