import { randomInt } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, loadedConfig, query, targetsOf } from '../support/ask.ts';
import { type DetectLab, detectLab, serving } from '../support/detect-lab.ts';
import { docker, fileIn, findContainer, networksOf } from '../support/engine-view.ts';
import type { Running } from '../support/monitor.ts';

/** `monitor watch` beside a running stack, on the real engine. */
const CONFIG = '/etc/prometheus/prometheus.yml';
let lab: DetectLab;
let watch: Running;

const follow = async (...args: string[]): Promise<Running> => {
  const running = lab.start(...args, 'watch');
  await running.line(/watching/);
  return running;
};

const interrupt = async (): Promise<{ code: number | null; stdout: string; stderr: string }> => {
  watch.kill('SIGINT');
  return watch.ran;
};

const isLoaded = (short: string) =>
  eventually(async () => expect(await loadedConfig(lab.stack)).toContain(`${lab.named(short)}:9100`));
const isGone = (short: string) =>
  eventually(async () => expect(await loadedConfig(lab.stack)).not.toContain(`${lab.named(short)}:9100`));
/** Reloads since Prometheus started, by its own log. */
const reloads = async (): Promise<number> => {
  const log = await docker.getContainer(lab.stack.prometheus.container).logs({ stdout: true, stderr: true });
  return log.toString().match(/Completed loading of configuration file/g)?.length ?? 0;
};
const startOf = async (name: string): Promise<string | undefined> => (await findContainer(name))?.State.StartedAt;
const removeUsers = async (...shorts: string[]): Promise<void> => {
  await Promise.all(shorts.map((short) => docker.getContainer(lab.named(short)).remove({ force: true })));
};

beforeAll(async () => {
  lab = await detectLab({ what: 'watch' });
  await lab.run({ name: 'first', expose: [9100] });
  await lab.succeed('up');
});
afterAll(() => lab.remove());

describe('while it watches', () => {
  beforeAll(async () => {
    watch = await follow();
  });
  afterAll(interrupt);

  test('a started container becomes a target soon after it answers, and a stopped one is taken out', async () => {
    const added = watch.line(/^\+ .*-soon:9100/);
    await lab.run({ name: 'soon', expose: [9100] });
    const start = Date.now();
    await added;
    // A second on a machine that has time; this one may be busy.
    expect(Date.now() - start).toBeLessThan(5000);
    expect(await loadedConfig(lab.stack)).toContain(`${lab.named('soon')}:9100`);
    await eventually(async () =>
      expect((await targetsOf(lab.stack)).map((t) => t.instance)).toContain(`${lab.named('soon')}:9100`),
    );
    const removed = watch.line(/^- .*-soon:9100/);
    await docker.getContainer(lab.named('soon')).stop({ t: 0 });
    await removed;
    await isGone('soon');
    await removeUsers('soon');
  });

  test('one that answers only after some seconds becomes a target then', async () => {
    const added = watch.line(/^\+ .*-late:9100/);
    await lab.run({ name: 'late', expose: [9100], sh: `sleep 3; ${serving(9100)}` });
    expect(await loadedConfig(lab.stack)).not.toContain(lab.named('late'));
    await added;
    await isLoaded('late');
    await removeUsers('late');
    await isGone('late');
  });

  test('one that answers something else at first becomes a target when it serves metrics', async () => {
    const added = watch.line(/^\+ .*-cold:9100/);
    await lab.network('cold');
    await lab.run({ name: 'cold', expose: [9100], networks: ['cold'], sh: warmingUp(4) });
    await added;
    await isLoaded('cold');
    await removeUsers('cold');
    await isGone('cold');
    await eventually(async () =>
      expect(await networksOf(lab.stack.prometheus.container)).not.toContain(lab.named('cold')),
    );
  });

  test('a change of monitor.yml is applied, and a broken file is reported', async () => {
    const before = lab.stack.config();
    const added = watch.line(/^\+ by-hand.example:9100/);
    lab.stack.edit('targets: []', 'targets: ["by-hand.example:9100"]');
    await added;
    const broken = watch.line(/monitor\.yml.*tragets/);
    lab.stack.edit('targets:', 'tragets:');
    await broken;
    const removed = watch.line(/^- by-hand.example:9100/);
    lab.stack.writeConfig(before);
    await removed;
  });

  test('a network is joined for one, and left with it', async () => {
    await lab.network('apart');
    await lab.run({ name: 'away', expose: [9100], networks: ['apart'] });
    await isLoaded('away');
    expect(await networksOf(lab.stack.prometheus.container)).toContain(lab.named('apart'));
    await removeUsers('away');
    await isGone('away');
    await eventually(async () =>
      expect(await networksOf(lab.stack.prometheus.container)).not.toContain(lab.named('apart')),
    );
  });

  test('a network is left before it can be missed, so that it can be removed right after its last container', async () => {
    for (const short of ['left-1', 'left-2']) {
      await lab.network(short);
      await lab.run({ name: short, expose: [9100], networks: [short] });
      await isLoaded(short);
      await removeUsers(short);
      const start = Date.now();
      await eventually(() => docker.getNetwork(lab.named(short)).remove());
      // Milliseconds on a machine that has time; this one may be busy.
      expect(Date.now() - start).toBeLessThan(1000);
    }
  });

  test('a network with one free address is joined, which the container that asks leaves for it', async () => {
    const Subnet = `10.${randomInt(192, 256)}.${randomInt(256)}.${8 * randomInt(32)}/29`;
    const Labels = { 'monitor.test.owner': lab.stack.name };
    await docker.createNetwork({ Name: lab.named('one'), Labels, IPAM: { Driver: 'default', Config: [{ Subnet }] } });
    const idle = ['idle-1', 'idle-2', 'idle-3'];
    for (const name of idle) await lab.run({ name, sh: 'sleep 1000', networks: ['one'] });
    const started = await startOf(lab.stack.prometheus.container);
    await lab.run({ name: 'last', expose: [9100], networks: ['one'] });
    await isLoaded('last');
    await eventually(async () => expect(await networksOf(lab.stack.prometheus.container)).toContain(lab.named('one')));
    expect(await startOf(lab.stack.prometheus.container)).toBe(started);
    await removeUsers('last', ...idle);
    await isGone('last');
  });

  test('twenty containers that start together are one reload', async () => {
    const names = Array.from({ length: 20 }, (_, i) => `burst-${i}`);
    await Promise.all(names.map((name) => lab.make({ name, expose: [9100] })));
    const before = await reloads();
    await Promise.all(names.map((name) => docker.getContainer(lab.named(name)).start()));
    await Promise.all(names.map(isLoaded));
    // One; on a machine so busy that the last of them takes more than a second to listen, that one has its own.
    expect((await reloads()) - before).toBeLessThanOrEqual(2);
    await removeUsers(...names);
    await Promise.all(names.map(isGone));
  });

  test('what changes nothing writes nothing', async () => {
    // Prometheus logs a reload a while after it shows the new configuration.
    await quiet(lab.window.count(/./));
    const [before, state] = [await reloads(), await lab.stack.state()];
    const asked = lab.window.count(/./);
    await lab.run({ name: 'mute', sh: 'sleep 1000' });
    await eventually(async () => expect(lab.window.count(/^GET \/containers\/json$/)).toBeGreaterThan(0));
    await removeUsers('mute');
    await quiet(asked);
    expect(await reloads()).toBe(before);
    expect(await lab.stack.state()).toEqual(state);
  });

  test('a target that another terminal adds stays when the next container comes', async () => {
    await lab.run({ name: 'named', expose: [] });
    await lab.succeed('add-target', `${lab.named('named')}:9100`, '--job-name', 'by-hand');
    await lab.run({ name: 'next', expose: [9100] });
    await isLoaded('next');
    expect(await loadedConfig(lab.stack)).toContain('job_name: by-hand');
    await lab.succeed('remove-target', `${lab.named('named')}:9100`);
    await removeUsers('named', 'next');
    await isGone('next');
    expect(await loadedConfig(lab.stack)).not.toContain('by-hand');
  });

  test('a container that is recreated at another address keeps its series', async () => {
    await lab.run({ name: 'again', expose: [9100], mode: 'bridge' });
    await isLoadedSomewhere('again');
    await eventually(async () => expect(await upOf('again')).toHaveLength(1));
    const first = await fileIn(lab.stack.prometheus.container, CONFIG);
    await removeUsers('again');
    await isGone('again');
    await lab.run({ name: 'filler', mode: 'bridge', sh: 'sleep 1000' });
    await lab.run({ name: 'again', expose: [9100], mode: 'bridge' });
    await isLoadedSomewhere('again');
    expect(await fileIn(lab.stack.prometheus.container, CONFIG)).not.toBe(first);
    await eventually(async () => expect(await upOf('again')).toHaveLength(1));
    const series = await query(lab.stack, `count_over_time(up{instance="${lab.named('again')}:9100"}[10m])`);
    expect(series).toHaveLength(1);
    await removeUsers('again', 'filler');
    await isGone('again');
  });

  test('an idle watch sends no requests', async () => {
    await quiet(lab.window.count(/./));
  });

  test('a lost engine is tried again, and what changed meanwhile is found on its return', async () => {
    const lost = watch.line(/connection to the engine was lost.*trying again until it answers/);
    await lab.window.shut();
    await lab.run({ name: 'meanwhile', expose: [9100] });
    await lost;
    const [back, added] = [watch.line(/the engine answers again/), watch.line(/^\+ .*-meanwhile:9100/)];
    await lab.window.open();
    await back;
    await added;
    await removeUsers('meanwhile');
    await isGone('meanwhile');
  });

  test('Ctrl-C leaves the stack as it is, and ends with 130', async () => {
    const state = await lab.stack.state();
    const { code, stdout } = await interrupt();
    expect(code).toBe(130);
    expect(stdout).toMatch(/^watching; \d+ targets\n/);
    expect(await lab.stack.state()).toEqual(state);
    expect(await loadedConfig(lab.stack)).toContain(`${lab.named('first')}:9100`);
  });
});

/** A server that is not ready for some seconds, and says so. */
const warmingUp = (seconds: number): string => `
trap 'exit 0' TERM
cat >/serve <<'END'
while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
[ -e /warm ] || { printf 'HTTP/1.0 503 Service Unavailable\\r\\n\\r\\nwarming up\\n'; exit; }
printf 'HTTP/1.0 200 OK\\r\\nContent-Type: text/plain; version=0.0.4\\r\\n\\r\\nlab_up 1\\n'
END
nc -ll -p 9100 -e sh /serve &
sleep ${seconds}; touch /warm
wait
`;

/** No request for so long that a poll would show. */
const quiet = async (from: number): Promise<void> => {
  let [seen, since] = [from, Date.now()];
  await eventually(async () => {
    const now = lab.window.count(/./);
    if (now !== seen) [seen, since] = [now, Date.now()];
    expect(Date.now() - since).toBeGreaterThan(2500);
  });
};
const upOf = (short: string) => query(lab.stack, `up{instance="${lab.named(short)}:9100"} == 1`);
const isLoadedSomewhere = (short: string) =>
  eventually(async () => expect(await loadedConfig(lab.stack)).toContain(`instance: ${lab.named(short)}:9100`));

describe('with --json', () => {
  afterEach(interrupt);

  test('each change is one JSON document on one line', async () => {
    watch = await follow('--json');
    const added = watch.line(/"added"/);
    await lab.run({ name: 'noted', expose: [9100], labels: { 'prometheus.io/job': 'noted-job' } });
    expect(JSON.parse(await added)).toEqual({
      change: 'added',
      job: 'noted-job',
      instance: `${lab.named('noted')}:9100`,
      address: `${lab.named('noted')}:9100`,
      metrics_path: '/metrics',
    });
    const removed = watch.line(/"removed"/);
    await removeUsers('noted');
    expect(JSON.parse(await removed)).toMatchObject({ change: 'removed', job: 'noted-job' });
    const warning = watch.line(/"warning"/);
    await lab.run({ name: 'mislabelled', labels: { 'prometheus.io/port': 'abc' }, sh: 'sleep 1000' });
    expect(JSON.parse(await warning)).toEqual({
      change: 'warning',
      message: expect.stringContaining(`${lab.named('mislabelled')}, label prometheus.io/port: "abc" is not a port`),
    });
    await removeUsers('mislabelled');
    const { stdout, stderr } = await interrupt();
    expect(stderr).toBe('');
    for (const line of stdout.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('change');
  });

  test('`down` in another terminal is reported and not undone; after `up` watching continues', async () => {
    watch = await follow('--json');
    const stopped = watch.line(/"stopped"/);
    await lab.succeed('down');
    await stopped;
    await lab.run({ name: 'after', expose: [9100] });
    await quiet(lab.window.count(/./));
    expect(await findContainer(lab.stack.prometheus.container)).toBeUndefined();
    const again = watch.line(/"watching".*-after:9100/);
    await lab.succeed('up');
    await again;
  });
});
