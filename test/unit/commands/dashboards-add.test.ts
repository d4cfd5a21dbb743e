import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runDashboardsAdd } from '../../../src/commands/dashboards-add.ts';
import { MonitorError } from '../../../src/errors.ts';
import { depsIn } from '../../support/deps.ts';

const DASHBOARD = '{"title":"API","uid":"api","panels":[]}';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'monitor-dashboards-add-'));
  await writeFile(join(folder, 'monitor.yml'), 'dashboards: []\n');
  await writeFile(join(folder, 'api.json'), DASHBOARD);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const connect = () => Promise.reject(new MonitorError({ code: 'no-engine', message: 'No engine' }));
const add = (what: string, revision?: number) => runDashboardsAdd(depsIn(folder, { connect }), what, { revision });
const written = () => readFile(join(folder, 'monitor.yml'), 'utf8');

it('the folder of monitor.yml can be added', async () => {
  await add('.');
  expect(await written()).toContain('"."');
});

it('a published dashboard can be named by its address', async () => {
  const kept = join(folder, '.monitor/dashboards');
  await mkdir(kept, { recursive: true });
  await writeFile(join(kept, '1860-37.json'), DASHBOARD);
  const sum = createHash('sha256').update(DASHBOARD).digest('hex');
  await writeFile(join(kept, '1860-37.json.sha256'), `${sum}  1860-37.json\n`);
  await add('https://grafana.com/grafana/dashboards/1860-node-exporter-full/', 37);
  expect(await written()).toMatch(/grafana_com: 1860\s+revision: 37/);
});

it('a revision of a file is refused', async () => {
  await expect(add('api.json', 3)).rejects.toMatchObject({ code: 'usage' });
});
