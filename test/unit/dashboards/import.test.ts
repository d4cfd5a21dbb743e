import { describe, expect, it } from 'vitest';
import { type DashboardFile, type ImportTarget, importDashboards } from '../../../src/dashboards/import.ts';
import { dashboardText } from '../../../src/grafana/dashboard-content.ts';
import { parseVersion } from '../../../src/grafana/version.ts';

interface Placed {
  type: string;
  title: string;
  gridPos: { y: number };
}

const PLACEHOLDER = (name: string) => `\${${name}}`;
const OURS = { type: 'prometheus', uid: 'prometheus' };

const server = (version = '12.4.3', rest: Partial<ImportTarget> = {}): ImportTarget => ({
  version: parseVersion(version),
  ours: { uid: 'prometheus', name: 'Prometheus' },
  datasources: [],
  panelPlugins: [],
  libraryPanels: new Map(),
  ...rest,
});

const file = (content: unknown, source = 'api.json', inFolder = false): DashboardFile => ({
  source,
  text: typeof content === 'string' ? content : JSON.stringify(content),
  inFolder,
});

/** What one file becomes. */
const imported = (content: unknown, target = server()) => {
  const { dashboards, problems, notices } = importDashboards([file(content)], target);
  const dashboard = JSON.parse(JSON.stringify(dashboards[0]?.dashboard ?? null));
  return { dashboard, problems, notices };
};

const panel = (rest: object = {}) => ({
  ...{ id: 2, type: 'timeseries', title: 'CPU', gridPos: { x: 0, y: 0, w: 12, h: 8 } },
  ...{ datasource: OURS, targets: [{ refId: 'A', expr: 'up', datasource: OURS }] },
  ...rest,
});
const model = (rest: object = {}) => ({ uid: 'api', title: 'API', schemaVersion: 39, panels: [panel()], ...rest });

describe('a dashboard is taken in each form that people have it in', () => {
  const spec = { title: 'API', schemaVersion: 39, panels: [panel()] };
  it.each([
    ['copied from the JSON model', { ...model(), id: 12, version: 7, iteration: 1 }],
    ['as the API returns it', { meta: { slug: 'api' }, dashboard: { ...model(), id: 12, version: 7 } }],
    ['as grafana.com returns it', { id: 1860, revision: 37, json: model() }],
    ['as a resource of the new API', { apiVersion: 'v1', kind: 'Dashboard', metadata: { name: 'api' }, spec }],
    ['with a byte order mark', `\uFEFF${JSON.stringify(model())}`],
    ['exported for sharing', { ...model(), __inputs: [], __requires: [], __elements: {} }],
    ['pulled from Grafana', dashboardText('api', { ...model(), id: 3, version: 9 })],
  ])('%s', (_form, content) => {
    expect(imported(content)).toEqual({ dashboard: model(), problems: [], notices: [] });
  });

  it('without a uid, which then comes from the path and is always the same', () => {
    const { uid, ...rest } = model();
    const uids = (source: string) => importDashboards([file(rest, source)], server()).dashboards.map((one) => one.uid);
    expect(uids('dashboards/My API.json')).toEqual([expect.stringMatching(/^my-api-[0-9a-f]{8}$/)]);
    expect(uids('other/My API.json')).not.toEqual(uids('dashboards/My API.json'));
  });
});

describe('inputs of a dashboard that was exported for sharing', () => {
  const exported = (reference: unknown) => ({
    ...model({ panels: [panel({ datasource: reference, targets: [{ refId: 'A', expr: 'up' }] })] }),
    __inputs: [
      { name: 'DS_PROM', type: 'datasource', pluginId: 'prometheus' },
      { name: 'VAR_ENV', type: 'constant', value: 'dev' },
    ],
    templating: { list: [{ type: 'constant', name: 'env', query: PLACEHOLDER('VAR_ENV') }] },
  });

  it.each([
    ['a name', PLACEHOLDER('DS_PROM')],
    ['type and uid', { type: 'prometheus', uid: PLACEHOLDER('DS_PROM') }],
  ])('become our datasource and their constant: %s', (_how, reference) => {
    const { dashboard, notices } = imported(exported(reference));
    expect(dashboard.panels[0].datasource).toEqual(OURS);
    expect(dashboard.templating.list[0].query).toBe('dev');
    expect(dashboard).not.toHaveProperty('__inputs');
    expect(notices).toEqual([]);
  });

  it.each([
    ['a name', PLACEHOLDER('DS_PROM')],
    ['type and uid', { type: 'prometheus', uid: PLACEHOLDER('DS_PROM') }],
  ])('are names before 8.3: %s', (_how, reference) => {
    expect(imported(exported(reference), server('7.5.5')).dashboard.panels[0].datasource).toBe('Prometheus');
  });

  it('keep another datasource that Grafana has, and are reported otherwise', () => {
    const content = {
      ...model({ panels: [panel({ datasource: { type: 'loki', uid: PLACEHOLDER('DS_LOKI') } })] }),
      __inputs: [{ name: 'DS_LOKI', type: 'datasource', pluginId: 'loki' }],
    };
    const loki = { uid: 'l', name: 'Logs', type: 'loki', isDefault: false };
    const there = imported(content, server('12.4.3', { datasources: [loki] }));
    expect(there.dashboard.panels[0].datasource).toEqual({ type: 'loki', uid: 'l' });
    expect(there.notices).toEqual([]);
    expect(imported(content).notices[0]).toMatch(/^api\.json: .*loki/);
  });
});

describe('datasources', () => {
  const withReference = (datasource: unknown, rest: object = {}) =>
    model({ panels: [panel({ datasource, targets: [{ refId: 'A', expr: 'up' }] })], ...rest });
  const referenceOf = (content: unknown, target = server()) => {
    const { dashboard, notices } = imported(content, target);
    return { reference: dashboard.panels[0].datasource, notices };
  };

  it.each([
    ['its uid', { type: 'prometheus', uid: 'P1809F7CD0C75ACF3' }],
    ['its name', 'prod-prometheus'],
    ['an input that is not declared', PLACEHOLDER('DS_PROMETHEUS')],
  ])('somebody else’s Prometheus, by %s, becomes ours, and that is said', (_how, theirs) => {
    expect(referenceOf(withReference(theirs))).toEqual({
      reference: OURS,
      notices: [expect.stringMatching(/^api\.json: its datasource .* is the stack's Prometheus here$/)],
    });
  });

  it.each([
    ['none, which is the default', null],
    ['Grafana’s own', '-- Grafana --'],
    ['a mixture', { type: 'datasource', uid: '-- Mixed --' }],
    ['ours', OURS],
  ])('that are left as they are: %s', (_what, reference) => {
    expect(referenceOf(withReference(reference))).toEqual({ reference, notices: [] });
  });

  it('a variable stays one, and starts with our Prometheus', () => {
    const variable = { name: 'ds', type: 'datasource', query: 'prometheus', current: { text: 'prod', value: 'prod' } };
    const content = withReference({ uid: PLACEHOLDER('ds') }, { templating: { list: [variable] } });
    const { dashboard, notices } = imported(content);
    expect(dashboard.panels[0].datasource).toEqual({ uid: PLACEHOLDER('ds') });
    expect(dashboard.templating.list[0].current).toMatchObject({ text: 'Prometheus', value: 'prometheus' });
    expect(notices).toEqual([]);
    const old = imported(content, server('7.5.5')).dashboard;
    expect(old.panels[0].datasource).toBe(PLACEHOLDER('ds'));
    expect(old.templating.list[0].current.value).toBe('Prometheus');
  });

  it('a second Prometheus that this Grafana has is left', () => {
    const second = { uid: 'p2', name: 'Second', type: 'prometheus', isDefault: false };
    const target = server('12.4.3', { datasources: [second] });
    const reference = { type: 'prometheus', uid: 'p2' };
    expect(referenceOf(withReference(reference), target)).toEqual({ reference, notices: [] });
  });

  it('another kind that is not there is named', () => {
    const { notices } = referenceOf(withReference({ type: 'loki', uid: 'x' }));
    expect(notices).toEqual([expect.stringMatching(/^api\.json: its datasource "x" \(loki\) is not in this Grafana/)]);
  });

  it('of queries, variables and annotations are treated alike', () => {
    const theirs = { type: 'prometheus', uid: 'theirs' };
    const { dashboard } = imported({
      ...model({ panels: [panel({ targets: [{ refId: 'A', expr: 'up', datasource: theirs }] })] }),
      templating: { list: [{ type: 'query', name: 'job', datasource: theirs, query: 'label_values(up, job)' }] },
      annotations: { list: [{ name: 'a', datasource: theirs, expr: 'up' }] },
    });
    expect(JSON.stringify(dashboard)).not.toContain('theirs');
  });
});

describe('library panels', () => {
  const element = { uid: 'lib', name: 'Lib', kind: 1, model: panel({ title: 'From the library', id: 99 }) };
  const placed = { id: 7, gridPos: { x: 6, y: 3, w: 6, h: 4 }, libraryPanel: { uid: 'lib', name: 'Lib' } };

  it.each([
    ['by uid', { lib: element }],
    ['as a list', [element]],
  ])('arrive with the dashboard: %s', (_how, __elements) => {
    const { dashboard, notices } = imported({ ...model({ panels: [placed] }), __elements });
    expect(dashboard.panels).toEqual([{ ...panel({ title: 'From the library' }), id: 7, gridPos: placed.gridPos }]);
    expect(notices).toEqual([]);
  });

  it('that the server has stay, and one that nothing has is named, with a text in its place', () => {
    const there = imported(model({ panels: [placed] }), server('9.4', { libraryPanels: new Map([['lib', {}]]) }));
    expect(there).toMatchObject({ dashboard: { panels: [placed] }, notices: [] });
    const { dashboard, notices } = imported(model({ panels: [placed] }));
    expect(notices[0]).toMatch(/library panel "Lib" is neither in the file nor in this Grafana/);
    expect(dashboard.panels).toMatchObject([{ id: 7, gridPos: placed.gridPos, type: 'text', title: 'Lib' }]);
    expect(dashboard.panels[0]).not.toHaveProperty('libraryPanel');
  });
});

describe('the second schema of Grafana 12 and later', () => {
  const query = { kind: 'DataQuery', group: 'prometheus', datasource: { name: 'theirs' }, spec: { expr: 'up' } };
  const element = (id: number) => ({
    kind: 'Panel',
    spec: {
      ...{ id, title: `Panel ${id}`, vizConfig: { kind: 'VizConfig', group: 'stat', spec: { options: { a: 1 } } } },
      data: { kind: 'QueryGroup', spec: { queries: [{ kind: 'PanelQuery', spec: { refId: 'A', query } }] } },
    },
  });
  const item = (name: string) => ({
    kind: 'GridLayoutItem',
    spec: { x: 0, y: 0, width: 12, height: 8, element: { kind: 'ElementReference', name } },
  });
  const layout = (name: string) => ({ kind: 'GridLayout', spec: { items: [item(name)] } });
  const tab = (title: string, name: string) => ({ kind: 'TabsLayoutTab', spec: { title, layout: layout(name) } });
  const resource = {
    ...{ apiVersion: 'dashboard.grafana.app/v2beta1', kind: 'Dashboard', metadata: { name: 'second' } },
    spec: {
      ...{ title: 'Second', cursorSync: 'Crosshair', timeSettings: { from: 'now-1h', to: 'now', autoRefresh: '10s' } },
      elements: { a: element(1), b: element(2) },
      layout: { kind: 'TabsLayout', spec: { tabs: [tab('One', 'a'), tab('Two', 'b')] } },
      variables: [
        { kind: 'QueryVariable', spec: { name: 'job', refresh: 'onTimeRangeChanged', hide: 'dontHide', query } },
      ],
    },
  };

  it('becomes the first, which every version shows; tabs become rows, with a note', () => {
    const { dashboard, problems, notices } = imported(resource);
    expect(problems).toEqual([]);
    expect(dashboard).toMatchObject({ uid: 'second', title: 'Second', graphTooltip: 1, refresh: '10s' });
    expect(dashboard.panels.map(({ type, title, gridPos }: Placed) => [type, title, gridPos.y])).toEqual([
      ['row', 'One', 0],
      ['stat', 'Panel 1', 1],
      ['row', 'Two', 9],
      ['stat', 'Panel 2', 10],
    ]);
    expect(dashboard.panels[1]).toMatchObject({ datasource: OURS, targets: [{ refId: 'A', expr: 'up' }] });
    expect(dashboard.templating.list[0]).toMatchObject({ type: 'query', name: 'job', refresh: 2, datasource: OURS });
    expect(notices).toEqual(expect.arrayContaining([expect.stringMatching(/tabs become rows/)]));
  });
});

describe('what a server cannot show is named', () => {
  const types = (...all: string[]) => model({ panels: all.map((type) => panel({ type })) });

  it('with the version that can', () => {
    const { dashboard, notices } = imported(types('state-timeline', 'graph'), server('7.5.5'));
    expect(notices).toEqual([expect.stringMatching(/^api\.json: .*state-timeline.* Grafana 8\.0 .* 7\.5\.5$/)]);
    expect(dashboard.panels).toHaveLength(2);
    expect(imported(types('state-timeline', 'graph'), server('9.4.0')).notices).toEqual([]);
  });

  it('with the plugin that is missing', () => {
    const content = types('grafana-worldmap-panel');
    expect(imported(content).notices).toEqual([
      expect.stringMatching(/grafana-worldmap-panel, which is not installed/),
    ]);
    expect(imported(content, server('9.4', { panelPlugins: ['grafana-worldmap-panel'] })).notices).toEqual([]);
  });
});

describe('a file that is wrong is named, and the rest is provisioned', () => {
  const good = file(model({ uid: 'good' }), 'good.json');
  it.each([
    ['no JSON', '{ "panels": ', /^is not JSON: ./],
    ['another JSON', { name: 'package' }, /^is not a Grafana dashboard/],
    ['a text', '"hello"', /^is not a Grafana dashboard/],
    ['a folder of the new API', { kind: 'Folder', metadata: {}, spec: { title: 'F' } }, /^is not a Grafana dashboard/],
    ['no title', { panels: [] }, /^has no title$/],
    ['a uid of 60 characters', model({ uid: 'u'.repeat(60) }), /60 characters.*40/],
    ['a uid with a slash', model({ uid: 'a/b' }), /other characters/],
    ['the uid of another file', model({ uid: 'good' }), /same uid as good\.json, "good"/],
  ])('%s', (_what, content, message) => {
    const { dashboards, problems } = importDashboards([good, file(content, 'bad.json')], server());
    expect(dashboards.map(({ source }) => source)).toEqual(['good.json']);
    expect(problems).toEqual([{ source: 'bad.json', message: expect.stringMatching(message) }]);
  });

  it('other JSON in a folder is skipped without an error', () => {
    const { dashboards, problems, notices } = importDashboards([good, file({}, 'dir/package.json', true)], server());
    expect(dashboards).toHaveLength(1);
    expect(problems).toEqual([]);
    expect(notices).toEqual([expect.stringMatching(/^dir\/package\.json: skipped/)]);
  });
});

it.each(['7.5.5', '9.4', '12.4.3'])('what was imported for %s and pulled again is imported identically', (version) => {
  const target = server(version);
  const first = imported(
    {
      ...model({ panels: [panel({ datasource: PLACEHOLDER('DS_P') })] }),
      __inputs: [{ name: 'DS_P', type: 'datasource', pluginId: 'prometheus' }],
      templating: { list: [{ name: 'ds', type: 'datasource', query: 'prometheus', current: {} }] },
    },
    target,
  ).dashboard;
  const again = imported(dashboardText('api', { ...first, id: 4, version: 2 }), target);
  expect(again.dashboard).toEqual(first);
  expect(again.notices).toEqual([]);
});
