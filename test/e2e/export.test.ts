import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { findCompose } from '../../bench/find-compose.ts';
import { tryRun } from '../../scripts/sandbox/run.ts';
import { eventually, targetsOf } from '../support/ask.ts';
import { at, list } from '../support/kubernetes-check.ts';
import { freshStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let events: string;

beforeAll(async () => {
  stack = await freshStack({ what: 'export' });
  events = `${stack.name}-events`;
  await stack.users.network(`${stack.name}-net`);
  await stack.users.service({ name: events, network: `${stack.name}-net` });
  stack.edit('targets: []', `targets: [{address: "${events}:9100", job_name: eventservice, labels: {team: "1"}}]`);
  await stack.succeed(['up']);
});
afterAll(() => stack.remove());

interface Exported {
  verified: { verdict: string; job: string; differences: string[] }[];
  findings: { code: string; subject: string }[];
  files: string[];
  others: string[];
}
const read = (stdout: string): Exported => JSON.parse(stdout);

it('what is exported to Kubernetes makes the targets that the stack has', async () => {
  const { stdout } = await stack.succeed(['export', 'kubernetes', '--verify', '--json']);
  const { verified, findings } = read(stdout);
  expect(verified.map(({ job, verdict }) => `${job} ${verdict}`).sort()).toEqual([
    'eventservice same',
    'grafana same',
    'prometheus same',
  ]);
  expect(findings.map(({ code, subject }) => `${code} ${subject}`)).toEqual([`no-service ${events}:9100`]);
  expect((await stack.monitor(['export', 'kubernetes', '--strict'])).code).toBe(3);
});

it('a target of this machine is missing there, and that is exit code 3', async () => {
  stack.edit('targets: [', 'targets: ["localhost:9", ');
  const ran = await stack.monitor(['export', 'kubernetes', '--verify', '--json']);
  stack.edit('targets: ["localhost:9", ', 'targets: [');
  expect(ran.code).toBe(3);
  expect(
    read(ran.stdout).verified.flatMap(({ job, verdict }) => (verdict === 'same' ? [] : [`${job} ${verdict}`])),
  ).toEqual(['localhost missing']);
});

it('a folder gets all files, and keeps what else is in it', async () => {
  await stack.succeed(['export', 'kubernetes', '--out', 'k8s', '--kustomize']);
  writeFileSync(join(stack.folder, 'k8s', 'mine'), '');
  const { stdout } = await stack.succeed(['export', 'kubernetes', '--out', 'k8s', '--kustomize', '--json']);
  const { files, others } = read(stdout);
  expect(others).toEqual(['mine']);
  expect(readdirSync(join(stack.folder, 'k8s')).sort()).toEqual([...files, 'mine'].sort());
  writeFileSync(join(stack.folder, 'k8s', 'old.yaml'), '');
  const again = await stack.succeed(['export', 'kubernetes', '--out', 'k8s']);
  expect(again.stderr).toMatch(/kubectl apply -f.*kustomization\.yaml, old\.yaml/);
});

it('works from monitor.yml alone, and says what only an engine tells', async () => {
  const { stdout, stderr } = await stack.succeed(['export', 'kubernetes'], {
    DOCKER_HOST: 'unix:///nonexistent/docker.sock',
  });
  expect(stdout).toContain('kind: StatefulSet');
  expect(stderr).toContain('from monitor.yml alone');
});

it('Compose runs the same stack; up says whose it is, and takes over again', async ({ skip }) => {
  const found = await findCompose(() => {}).catch((error: Error) => error.message);
  if (typeof found === 'string') return skip(found);
  const env = { DOCKER_CONFIG: found.env['DOCKER_CONFIG'] };
  writeFileSync(join(stack.folder, 'own.json'), JSON.stringify(OWN));
  stack.edit('targets: [', 'dashboards: [own.json]\ntargets: [');
  const { stdout, stderr } = await stack.succeed(['export', 'compose', '--out', 'compose', '--verify', '--json'], env);
  expect(read(stdout).verified.every(({ verdict }) => verdict === 'same')).toBe(true);
  expect(`${stdout}${stderr}`).toContain(found.version);
  const compose = (...args: string[]) =>
    tryRun('docker', ['compose', '-f', join(stack.folder, 'compose', 'compose.yaml'), ...args], { env: found.env });
  await stack.succeed(['down']);
  try {
    expect(await compose('up', '-d')).toMatchObject({ code: 0 });
    await eventually(async () => {
      expect((await targetsOf(stack)).map((t) => t.job).sort()).toEqual(['eventservice', 'grafana', 'prometheus']);
    });
    if (!inject('images').grafana.standIn) await eventually(() => showsData(stack));
    const refused = await stack.monitor(['up']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`docker compose -p ${stack.name} down`);
  } finally {
    await compose('down');
  }
  await stack.succeed(['up']);
});

const OWN = {
  title: 'Own',
  uid: 'own',
  panels: [{ id: 1, type: 'timeseries', title: 'Up', datasource: 'Prom', targets: [{ refId: 'A', expr: 'up' }] }],
};

/** The dashboard is provisioned, and its query has samples by the datasource that it names. */
const showsData = async ({ grafana, folder }: TestStack): Promise<void> => {
  const password = readFileSync(join(folder, '.monitor', 'grafana-admin-password'), 'utf8').trim();
  const headers = { authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` };
  const ask = async (path: string): Promise<unknown> => (await fetch(grafana.url + path, { headers })).json();
  const panel = list(at(await ask('/api/dashboards/uid/own'), 'dashboard', 'panels'))[0];
  const expr = String(at(list(at(panel, 'targets'))[0], 'expr'));
  const { id } = Object(await ask(`/api/datasources/uid/${at(panel, 'datasource', 'uid')}`));
  const answer = await ask(`/api/datasources/proxy/${id}/api/v1/query?query=${encodeURIComponent(expr)}`);
  expect(list(at(answer, 'data', 'result')).length).toBe(3);
};
