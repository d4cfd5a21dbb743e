import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, loadedConfig, targetsOf } from '../support/ask.ts';
import { container, execIn, fileIn } from '../support/engine-view.ts';
import { prometheusStartedBy, removeMadeImages } from '../support/made-images.ts';
import { freshStack, type TestStack } from '../support/stack.ts';
import { besidesDashboards } from '../support/up-changes.ts';

const PATH = '/etc/prometheus/prometheus.yml';

let stack: TestStack;
let users: { network: string; service: string };

beforeAll(async () => {
  stack = await freshStack({ what: 'cfg' });
  users = { network: `${stack.name}-own`, service: `${stack.name}-service` };
  await stack.users.network(users.network);
  await stack.users.service({ name: users.service, network: users.network });
  await stack.succeed(['up']);
});

afterAll(() => stack.remove());

/** What runs: the file in the container, what Prometheus has loaded, and since when it runs. */
const running = async () => ({
  file: await fileIn(stack.prometheus.container, PATH),
  loaded: await loadedConfig(stack),
  started: (await container(stack.prometheus.container)).State.StartedAt,
});

const passthrough = (job: string): void => stack.edit(/scrape_configs: .*/, `scrape_configs: [${job}]`);
const SECOND = '{job_name: second, static_configs: [{targets: ["localhost:9090"]}]}';

describe('the configuration of a running Prometheus', { sequential: true }, () => {
  it('is what `render` prints, in the container and in .monitor/prometheus.yml', async () => {
    const { stdout } = await stack.monitor(['render']);
    expect(await fileIn(stack.prometheus.container, PATH)).toBe(stdout);
    expect(stack.stateFile('prometheus.yml')).toBe(stdout);
    expect((await container(stack.prometheus.container)).Mounts.map((m) => m.Type)).toEqual(['volume']);
  });

  it('is changed by `up` through a reload, without a restart', async () => {
    const before = await running();
    passthrough(SECOND);
    const ran = await stack.monitor(['up', '--json']);
    expect(ran.report('up').operations.map((o) => o.operation)).toEqual([
      `check prometheus.yml with promtool in ${stack.prometheus.container}`,
      `put ${PATH} into ${stack.prometheus.container}`,
      `reload ${stack.prometheus.container}`,
    ]);
    const after = await running();
    expect(after.started).toBe(before.started);
    expect(after.loaded).toContain('job_name: second');
    await eventually(async () => expect((await targetsOf(stack)).map((t) => t.job)).toContain('second'));
    expect(stack.stateFile('prometheus.yml')).toBe(after.file);
  });

  it('stays untouched when the new one is refused, and the error names the line', async () => {
    const before = await running();
    const good = stack.config();
    passthrough('{job_name: wrong, scrape_intervall: 5s, static_configs: [{targets: ["localhost:9090"]}]}');
    // A change of Grafana's beside it, which is not begun.
    const { Id, State } = await container(stack.grafana.container);
    stack.edit('grafana:\n', 'grafana:\n  admin_user: somebody\n');
    for (const command of ['up', 'restart']) {
      const ran = await stack.monitor([command]);
      expect(ran.code).toBe(2);
      expect(ran.stderr).toMatch(/prometheus\.yml:\d+: scrape_intervall: 5s/);
      expect(await running()).toEqual(before);
      expect(await container(stack.grafana.container)).toMatchObject({ Id, State });
    }
    expect(stack.stateFile('prometheus.yml')).toBe(before.file);
    expect((await stack.monitor(['up', '--json'])).json()).toMatchObject({
      error: { code: 'config-refused', exitCode: 2 },
    });
    passthrough('{job_name: wrong, static_configs: [{targets: ["http://localhost:9090"]}]}');
    expect((await stack.monitor(['up'])).stderr).toMatch(/in the job "wrong", write each target as HOST:PORT/);
    stack.writeConfig(good);
    expect(besidesDashboards((await stack.succeed(['up', '--json'])).report('up'))).toEqual([]);
  });

  it('and monitor.yml stay as they were when `add-target` or `remove-target` is refused', async () => {
    passthrough('{job_name: wrong, scrape_intervall: 5s, static_configs: [{targets: ["localhost:9090"]}]}');
    const [file, before] = [stack.config(), await running()];
    const ran = await stack.monitor(['add-target', `${users.service}:9100`]);
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('scrape_intervall') });
    expect(stack.config()).toBe(file);
    expect(await running()).toEqual(before);
    passthrough(SECOND);
  });

  it('is repaired by `up` if the file was edited in the container', async () => {
    const { file } = await running();
    await execIn(stack.prometheus.container, ['sh', '-c', `echo '# mine' >> ${PATH}`], '0');
    expect(await fileIn(stack.prometheus.container, PATH)).toContain('# mine');
    const ran = await stack.monitor(['up', '--json']);
    expect(ran.report('up')).toMatchObject({ changed: true });
    expect(await fileIn(stack.prometheus.container, PATH)).toBe(file);
  });

  it('cannot be changed, nor Prometheus ended, over HTTP', async () => {
    for (const path of ['/-/reload', '/-/quit']) {
      const response = await fetch(`${stack.prometheus.url}${path}`, { method: 'POST' });
      expect(response.status).toBe(403);
    }
    expect((await container(stack.prometheus.container)).State.Running).toBe(true);
  });

  it('has the targets of two `add-target`, the first of which is held up half-way', async () => {
    const first = stack.start(['add-target', `${users.service}:9100`, '--job-name', 'one']);
    await eventually(async () => expect(stack.config()).toContain(`${users.service}:9100`));
    first.kill('SIGSTOP');
    const second = stack.start(['add-target', 'localhost:9', '--job-name', 'two']);
    await Promise.race([second.ran, second.line(/another monitor .* waiting for it/)]);
    first.kill('SIGCONT');
    expect([(await first.ran).code, (await second.ran).code]).toEqual([0, 0]);
    expect(stack.config()).toContain(`${users.service}:9100`);
    expect(stack.config()).toContain('localhost:9');
    const { loaded } = await running();
    expect(loaded).toContain('job_name: one');
    expect(loaded).toContain('job_name: two');
    expect(besidesDashboards((await stack.succeed(['up', '--json'])).report('up'))).toEqual([]);
  });
});

/** A process 1 that keeps SIGHUP from Prometheus. */
const DEAF = `trap '' HUP; trap 'kill -TERM $p' TERM; /bin/prometheus "$@" & p=$!; wait $p; wait $p`;

describe('a Prometheus that loads something else', () => {
  let deaf: TestStack;

  beforeAll(async () => {
    deaf = await freshStack({ what: 'deaf', prometheusImage: await prometheusStartedBy('deaf', DEAF) });
  });

  afterAll(async () => {
    await deaf.remove();
    await removeMadeImages();
  });

  it('makes `up` fail with its name, and is right again after `restart`', async () => {
    await deaf.succeed(['up']);
    deaf.edit(/scrape_configs: .*/, `scrape_configs: [${SECOND}]`);
    const ran = await deaf.monitor(['up', '--timeout', '3s']);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain(`${deaf.prometheus.container} has not loaded the rendered prometheus.yml`);
    expect(await deaf.monitor(['status'])).toMatchObject({
      stdout: expect.stringContaining('older configuration'),
    });
    await deaf.succeed(['restart', 'prometheus']);
    expect(await loadedConfig(deaf)).toContain('job_name: second');
  });
});
