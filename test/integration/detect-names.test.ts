import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { eventually, query, targetsOf } from '../support/ask.ts';
import { type DetectLab, detectLab, saysReady, serving } from '../support/detect-lab.ts';
import { addressOn, docker, fileIn } from '../support/engine-view.ts';
import { besidesDashboards } from '../support/up-changes.ts';

/** What detected targets are called, in prometheus.yml and in the series, on the real engine. */
let lab: DetectLab;
const CONFIG = '/etc/prometheus/prometheus.yml';
const PASSED = `
targets: []
scrape_configs:
  - job_name: taken
    static_configs: [{targets: ['localhost:9090']}]
  - job_name: taken-detected
    static_configs: [{targets: ['localhost:9090']}]
`;

interface Job {
  job_name: string;
  metrics_path?: string;
  static_configs: { targets: string[]; labels?: Record<string, string> }[];
}
const jobs = async (): Promise<Job[]> => parse(await fileIn(lab.stack.prometheus.container, CONFIG)).scrape_configs;
const entriesOf = async (job: string) =>
  (await jobs()).filter((j) => j.job_name === job).flatMap((j) => j.static_configs.map(withoutMeta));
/** Without the label that tells which container answered, and is on no series. */
const withoutMeta = <T extends { labels?: Record<string, string> }>({ labels, ...entry }: T) => {
  const kept = Object.entries(labels ?? {}).filter(([name]) => !name.startsWith('__meta_'));
  return kept.length === 0 ? entry : { ...entry, labels: Object.fromEntries(kept) };
};
const service = (name: string) => ({ 'com.docker.compose.project': 'shop', 'com.docker.compose.service': name });
/** Serves until it has the file /broken, then has nothing there. */
const FICKLE = `
PORTS=9100
cat >/serve <<'END'
while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done
[ -e /broken ] && printf 'HTTP/1.0 404 Not Found\\r\\n\\r\\n' && exit
printf 'HTTP/1.0 200 OK\\r\\nContent-Type: text/plain\\r\\n\\r\\nlab_up 1\\n'
END
trap 'exit 0' TERM
nc -ll -p 9100 -e sh /serve &
echo ready
wait`;

beforeAll(async () => {
  lab = await detectLab({ what: 'names', more: PASSED });
  await Promise.all([
    ...[1, 2, 3].map((n) => lab.run({ name: `web-${n}`, expose: [9100], labels: service('web') })),
    lab.run({ name: 'paths', labels: { 'prometheus.io/port': '9100/a,9100/b' } }),
    lab.run({ name: 'clash', expose: [9100], labels: service('taken') }),
    lab.run({ name: 'my-grafana', expose: [9100], labels: service('grafana') }),
    lab.run({ name: 'my-prometheus', expose: [9100], labels: { 'prometheus.io/job': 'prometheus' } }),
    lab.run({ name: 'by-hand', expose: [9100] }),
    lab.run({ name: 'published', publish: [9100] }),
    lab.run({ name: 'fickle', expose: [9100], sh: FICKLE }),
    lab.run({ name: 'moving', expose: [9100], mode: 'bridge', sh: serving(9100) }),
  ]);
  await lab.succeed('up');
});
afterAll(() => lab.remove());

test('the replicas of one service are one scrape config with a target each', async () => {
  expect((await jobs()).filter((j) => j.job_name === 'web')).toHaveLength(1);
  expect(await entriesOf('web')).toEqual(
    [1, 2, 3].map((n) => ({
      targets: [`${lab.named(`web-${n}`)}:9100`],
      labels: { compose_project: 'shop', compose_service: 'web', container: lab.named(`web-${n}`) },
    })),
  );
});

test('two paths of one port are separate series', async () => {
  const instance = `${lab.named('paths')}:9100`;
  await eventually(async () => {
    const up = await query(lab.stack, `up{instance="${instance}"} == 1`);
    expect(up.map((s) => s.metric['metrics_path'])).toEqual(expect.arrayContaining([undefined, '/b']));
    expect(up).toHaveLength(2);
  });
  const urls = (await targetsOf(lab.stack)).filter((t) => t.instance === instance).map((t) => t.url);
  expect(urls.sort()).toEqual([`http://${instance}/a`, `http://${instance}/b`]);
});

test('a job of scrape_configs is kept, and a detected job of that name is renamed', async () => {
  expect(await entriesOf('taken')).toEqual([{ targets: ['localhost:9090'] }]);
  expect(await entriesOf('taken-detected')).toEqual([{ targets: ['localhost:9090'] }]);
  expect(await entriesOf('taken-detected-detected')).toMatchObject([{ targets: [`${lab.named('clash')}:9100`] }]);
});

test('detected jobs with the names of the stack’s own jobs are merged with them', async () => {
  for (const [job, own, theirs] of [
    // By a name that the user's Grafana does not have.
    ['grafana', `${lab.stack.name}-grafana:3000`, 'my-grafana'],
    ['prometheus', 'localhost:9090', 'my-prometheus'],
  ] as const) {
    expect((await entriesOf(job)).flatMap((e) => e.targets)).toEqual([own, `${lab.named(theirs)}:9100`]);
    await eventually(async () => expect(await query(lab.stack, `up{job="${job}"} == 1`)).toHaveLength(2));
  }
});

test('a target in monitor.yml takes precedence over a detected one, under either address', async () => {
  const port = await publicPort('published');
  await lab.succeed('add-target', `${lab.named('by-hand')}:9100`, '--job-name', 'mine');
  await lab.succeed('add-target', `localhost:${port}`, '--job-name', 'host-port');
  const report = await lab.detect();
  expect(lab.rowsOf(report, 'by-hand')).toMatchObject([{ verdict: 'configured', job: 'mine' }]);
  expect(lab.rowsOf(report, 'published')).toMatchObject([{ verdict: 'configured', job: 'host-port' }]);
  expect(await entriesOf(lab.named('by-hand'))).toEqual([]);
  expect(await entriesOf(lab.named('published'))).toEqual([]);
  await lab.succeed('remove-target', `${lab.named('by-hand')}:9100`);
  expect(await entriesOf(lab.named('by-hand'))).toHaveLength(1);
});

test('a target that answered before stays while its container runs', async () => {
  const broken = await docker.getContainer(lab.named('fickle')).exec({ Cmd: ['touch', '/broken'] });
  await broken.start({ Detach: true });
  await eventually(async () => {
    const [row] = lab.rowsOf(await lab.detect(), 'fickle');
    expect(row).toMatchObject({ verdict: 'scraped', code: 'not-found', reason: expect.stringContaining('kept') });
  });
  expect(besidesDashboards((await lab.succeed('--json', 'up')).report('up'))).toEqual([]);
});

test('a new container with the same name is not a target until it answers', async () => {
  await docker.getContainer(lab.named('fickle')).remove({ force: true });
  await saysReady(await lab.run({ name: 'fickle', sh: `touch /broken\n${FICKLE}`, expose: [9100] }));
  await lab.succeed('up');
  expect(await entriesOf(lab.named('fickle'))).toEqual([]);
  expect(lab.rowsOf(await lab.detect(), 'fickle')).toMatchObject([{ verdict: 'refused', code: 'not-found' }]);
});

test('a target in scrape_configs replaces the detected one until it is removed', async () => {
  const entry = `  - {job_name: passed, static_configs: [{targets: ["${lab.named('by-hand')}:9100"]}]}\n`;
  lab.stack.edit('scrape_configs:\n', `scrape_configs:\n${entry}`);
  await lab.succeed('up');
  expect(await entriesOf(lab.named('by-hand'))).toEqual([]);
  expect(lab.rowsOf(await lab.detect(), 'by-hand')).toMatchObject([{ verdict: 'configured', job: 'passed' }]);
  expect(besidesDashboards((await lab.succeed('--json', 'up')).report('up'))).toEqual([]);
  lab.stack.edit(entry, '');
  await lab.succeed('up');
  expect(await entriesOf(lab.named('by-hand'))).toHaveLength(1);
});

test('a container keeps its series after a restart and at a new address', async () => {
  const instance = `${lab.named('moving')}:9100`;
  const isUp = () =>
    eventually(async () => expect(await query(lab.stack, `up{instance="${instance}"} == 1`)).toHaveLength(1));
  await isUp();
  const first = await addressOn(lab.named('moving'), 'bridge');
  await docker.getContainer(lab.named('moving')).remove({ force: true });
  // Takes the address that has become free.
  await lab.run({ name: 'filler', mode: 'bridge', sh: 'sleep 1000' });
  await saysReady(await lab.run({ name: 'moving', expose: [9100], mode: 'bridge' }));
  const second = await addressOn(lab.named('moving'), 'bridge');
  expect(second).not.toBe(first);
  await lab.succeed('up');
  expect(await entriesOf(lab.named('moving'))).toEqual([
    { targets: [`${second}:9100`], labels: { instance, container: lab.named('moving') } },
  ]);
  await isUp();
  await docker.getContainer(lab.named('moving')).restart({ t: 0 });
  await lab.succeed('up');
  await isUp();
  expect(await query(lab.stack, `count_over_time(up{container="${lab.named('moving')}"}[10m])`)).toHaveLength(1);
});

const publicPort = async (short: string): Promise<string> => {
  const { NetworkSettings } = await docker.getContainer(lab.named(short)).inspect();
  return NetworkSettings.Ports['9100/tcp']?.[0]?.HostPort ?? '';
};
