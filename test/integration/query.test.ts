import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { askGrafana, eventually } from '../support/ask.ts';
import { refusal } from '../support/refusal.ts';
import { freshStack, type TestStack } from '../support/stack.ts';

/** A real Prometheus that scrapes itself each second, asked by the built program. */
let stack: TestStack;

beforeAll(async () => {
  stack = await freshStack({ what: 'query' });
  const { code } = await refusal(stack.monitor, ['query', 'up']);
  expect(code, 'before it is up').toBe('prometheus-unreachable');
  await stack.succeed(['up']);
  await eventually(async () => {
    const { stdout } = await stack.succeed(['query', 'count_over_time(up{job="prometheus"}[1m]) > 2']);
    expect(stdout).toContain('VALUE');
  });
});

afterAll(() => stack.remove());

test('an expression gives a table, and an expression without labels a value', async () => {
  const { stdout } = await stack.succeed(['query', 'up{job="prometheus"} + 1']);
  expect(stdout).toMatch(/^instance +job +VALUE\nlocalhost:9090 +prometheus +2\n$/);
  expect((await stack.succeed(['query', 'vector(3)'])).stdout).toBe('3\n');
});

test('a range gives a chart, in ASCII if the terminal cannot show more', async () => {
  const args = ['query', 'up', '--since', '1m', '--step', '1s'];
  const braille = await stack.succeed(args, { LC_ALL: 'C.UTF-8' });
  expect(braille.stdout).toMatch(/[\u2801-\u28ff]/);
  const plain = await stack.succeed(args, { LC_ALL: 'C' });
  expect(plain.stdout).toMatch(/^[\n -~]+$/);
  expect(plain.stdout).toContain('localhost:9090');
});

test('the name of a metric becomes the right query', async () => {
  const ran = await stack.succeed(['--json', 'query', 'process_resident_memory_bytes']);
  expect(ran.json()).toMatchObject({ kind: 'query', series: expect.arrayContaining([expect.anything()]) });
  const missing = await refusal(stack.monitor, ['query', 'process_resident_memory_byte']);
  expect(missing).toMatchObject({
    code: 'metric-not-found',
    suggestion: 'did you mean process_resident_memory_bytes?',
  });
});

test('CSV has a row for each sample', async () => {
  const { stdout } = await stack.succeed(['query', 'up{job="prometheus"}', '--since', '5s', '--step', '1s', '--csv']);
  expect(stdout).toMatch(/^__name__,instance,job,time,value\n(up,localhost:9090,prometheus,[\dT:.-]+Z,1\n)+$/);
});

test('a wrong expression is shown with the position of the error', async () => {
  const { code, exitCode, detail } = await refusal(stack.monitor, ['query', 'sum by (job (up)']);
  expect({ code, exitCode, detail }).toEqual({
    code: 'wrong-expression',
    exitCode: 2,
    detail: ['sum by (job (up)', '            ^'],
  });
});

test('metrics are listed', async () => {
  const { stdout } = await stack.succeed(['metrics', 'prometheus', '--search', 'go_goroutines']);
  expect(stdout).toMatch(/go_goroutines +gauge/);
  const { code } = await refusal(stack.monitor, ['metrics', 'promtheus']);
  expect(code).toBe('job-not-found');
});

test.each(['mine/mine.json', 'mine'])('a dashboard in %s is checked, and each empty panel says why', async (what) => {
  const panel = (title: string, expr: string) => ({ type: 'timeseries', title, targets: [{ refId: 'A', expr }] });
  const list = [{ name: 'job', type: 'query', query: 'label_values(up, job)', multi: true, includeAll: true }];
  const panels = [
    panel('good', 'rate(process_cpu_seconds_total{job=~"$job"}[$__rate_interval])'),
    panel('label', 'up{jobb="prometheus"}'),
    panel('value', 'up{job="promtheus"}'),
    panel('metric', 'go_gorutines'),
  ];
  mkdirSync(join(stack.folder, 'mine'), { recursive: true });
  writeFileSync(join(stack.folder, 'mine/mine.json'), JSON.stringify({ title: 'Mine', panels, templating: { list } }));
  const ran = await stack.monitor(['--json', 'dashboards', 'check', what]);
  expect(ran.code).toBe(3);
  expect(ran.json()).toMatchObject({
    dashboards: [
      {
        title: 'Mine',
        panels: [
          { title: 'good', state: 'data' },
          { title: 'label', causes: [{ code: 'label-missing' }] },
          { title: 'value', causes: [{ code: 'value-missing' }] },
          { title: 'metric', causes: [{ code: 'metric-never-seen' }] },
        ],
      },
    ],
  });
});

test('a dashboard in Grafana is checked by its uid', async () => {
  const panels = [
    { id: 1, type: 'timeseries', title: 'good', targets: [{ refId: 'A', expr: 'up{job="prometheus"}' }] },
  ];
  const dashboard = { id: null, uid: 'theirs', title: 'Theirs', schemaVersion: 27, panels };
  const saved = await askGrafana(stack, '/api/dashboards/db', { method: 'POST', body: { dashboard } });
  expect(saved.status).toBe(200);
  const { stdout } = await stack.succeed(['dashboards', 'check', 'theirs']);
  expect(stdout).toBe('✔ Theirs (theirs): 1 of 1 panels have data\n');
  const missing = await refusal(stack.monitor, ['dashboards', 'check', 'their']);
  expect(missing).toMatchObject({ code: 'dashboard-not-found', suggestion: 'did you mean theirs?' });
});

test('the job of a dashboard to generate may be misspelt', async () => {
  const missing = await refusal(stack.monitor, ['dashboards', 'generate', 'prometheu']);
  expect(missing).toMatchObject({ code: 'job-not-found', suggestion: 'did you mean prometheus?' });
});
