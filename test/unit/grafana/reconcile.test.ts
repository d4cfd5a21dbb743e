import { describe, expect, it } from 'vitest';
import { type ObservedDatasource, type OtherDatasource, prometheusDatasource } from '../../../src/grafana/model.ts';
import { needsOthers, reconcileDatasource } from '../../../src/grafana/reconcile.ts';

const desired = prometheusDatasource('15s');

const ours = (changes: Partial<ObservedDatasource> = {}): ObservedDatasource => ({
  ...desired,
  id: 1,
  readOnly: false,
  fields: {},
  ...changes,
});

/** The plan as text, a line for each operation and notice. */
const plan = (observed: ObservedDatasource | undefined, others: OtherDatasource[] = []): string => {
  const { operations, notices } = reconcileDatasource(desired, { ours: observed, others });
  const words = operations.map(({ kind, cause, datasource: { name, isDefault, jsonData } }) =>
    [`${kind} "${name}"${isDefault ? ' default' : ''} ${JSON.stringify(jsonData)}`, `  ${cause}`].join('\n'),
  );
  return [...words, ...notices.map((notice) => `notice: ${notice}`)].join('\n');
};

describe('the plan for the datasource', () => {
  it('creates it if there is none', () => {
    expect(plan(undefined)).toBe(
      'createDatasource "Prometheus" default {"httpMethod":"POST","timeInterval":"15s"}\n  missing',
    );
  });

  it('is empty where it is as wanted', () => {
    expect(plan(ours())).toBe('');
    expect(plan(ours({ readOnly: true }))).toBe('');
  });

  it('repairs each field that drifted, and names it', () => {
    const drifted = ours({ url: 'http://old:9090', access: 'direct', jsonData: { httpMethod: 'GET' } });
    expect(plan(drifted)).toBe(
      [
        'updateDatasource "Prometheus" default {"httpMethod":"POST","timeInterval":"15s"}',
        '  access is "direct", wanted "proxy", url is "http://old:9090", wanted "http://prometheus:9090", ' +
          'jsonData.httpMethod is "GET", wanted "POST", jsonData.timeInterval is not set, wanted "15s"',
      ].join('\n'),
    );
  });

  it('keeps what the user added to jsonData', () => {
    const exemplars = [{ name: 'traceID', datasourceUid: 'tempo' }];
    const jsonData = { ...desired.jsonData, exemplarTraceIdDestinations: exemplars };
    expect(plan(ours({ jsonData }))).toBe('');
    expect(plan(ours({ jsonData: { ...jsonData, timeInterval: '5s' } }))).toBe(
      [
        `updateDatasource "Prometheus" default ${JSON.stringify(jsonData)}`,
        '  jsonData.timeInterval is "5s", wanted "15s"',
      ].join('\n'),
    );
  });

  it("gives way to the user's datasource of the same name", () => {
    const theirs = { uid: 'abc', name: 'Prometheus', isDefault: false };
    expect(plan(undefined, [theirs])).toBe(
      [
        'createDatasource "Prometheus (monitor)" default {"httpMethod":"POST","timeInterval":"15s"}',
        '  missing',
        'notice: Grafana already has another datasource "Prometheus", so that of the stack is called "Prometheus (monitor)"',
      ].join('\n'),
    );
    expect(plan(ours({ name: 'Prometheus (monitor)' }), [theirs])).toBe(
      'notice: Grafana already has another datasource "Prometheus", so that of the stack is called "Prometheus (monitor)"',
    );
    expect(plan(undefined, [theirs, { ...theirs, uid: 'd', name: 'Prometheus (monitor)' }])).toContain(
      'createDatasource "Prometheus (monitor 2)"',
    );
  });

  it('takes its name when that has become free', () => {
    expect(plan(ours({ name: 'Prometheus (monitor)' }))).toContain(
      'name is "Prometheus (monitor)", wanted "Prometheus"',
    );
  });

  it("leaves the default to the user's datasource that is it", () => {
    const theirs = { uid: 'loki', name: 'Loki', isDefault: true };
    expect(plan(undefined, [theirs])).toBe(
      [
        'createDatasource "Prometheus" {"httpMethod":"POST","timeInterval":"15s"}',
        '  missing',
        'notice: Grafana\'s default datasource stays "Loki"; that of the stack is "Prometheus"',
      ].join('\n'),
    );
    expect(plan(ours({ isDefault: false }), [theirs])).toBe(
      'notice: Grafana\'s default datasource stays "Loki"; that of the stack is "Prometheus"',
    );
  });

  it('becomes the default if there is none', () => {
    expect(plan(ours({ isDefault: false }), [{ uid: 'loki', name: 'Loki', isDefault: false }])).toContain(
      'isDefault is false, wanted true',
    );
  });

  it('does not destroy a datasource of another type that has our uid', () => {
    expect(() => plan(ours({ type: 'loki', name: 'Logs' }))).toThrow(
      'Grafana\'s uid "prometheus" belongs to a datasource of another kind, "Logs"',
    );
  });

  it('says so where that of the stack comes from a file', () => {
    expect(() => plan(ours({ readOnly: true, url: 'http://x:1' }))).toThrow(
      expect.objectContaining({
        code: 'grafana-read-only',
        detail: expect.arrayContaining(['url is "http://x:1", wanted "http://prometheus:9090"']),
      }),
    );
  });

  it("needs the user's datasources only for a name or a default that ours lacks", () => {
    const observed = [undefined, ours({ name: 'x' }), ours({ isDefault: false }), ours({ url: 'x' }), ours()];
    expect(observed.map((one) => needsOthers(desired, one))).toEqual([true, true, true, false, false]);
  });
});
