import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { eventually, targetsOf } from '../support/ask.ts';
import { type DetectLab, detectLab } from '../support/detect-lab.ts';
import { container, docker, fileIn } from '../support/engine-view.ts';
import { removeImage, withoutFlag, withoutShell } from '../support/image-of.ts';
import { besidesDashboards } from '../support/up-changes.ts';

const CONFIG = '/etc/prometheus/prometheus.yml';
const prometheusImage = inject('images').prometheus.image;

describe('what happens while it is asked', () => {
  let lab: DetectLab;
  beforeAll(async () => {
    lab = await detectLab({ what: 'edges' });
    await lab.run({ name: 'steady', expose: [9100] });
    await lab.succeed('up');
  });
  afterAll(() => lab.remove());

  test('a container that ends between the look and the question is refused, and the others are found', async () => {
    await lab.run({ name: 'doomed', expose: [9100] });
    await lab.run({ name: 'doomed-bridged', expose: [9100], mode: 'bridge' });
    let doomed = true;
    lab.window.before = async (asked) => {
      if (!doomed || asked !== 'POST /containers/*/exec') return;
      doomed = false;
      for (const name of ['doomed', 'doomed-bridged']) {
        await docker.getContainer(lab.named(name)).remove({ force: true });
      }
    };
    const report = await lab.detect();
    expect(doomed).toBe(false);
    // Podman's name server does not answer for some seconds.
    expect(lab.rowsOf(report, 'doomed')).toMatchObject([
      { verdict: 'refused', code: expect.stringMatching(/no-such-host|timeout/) },
    ]);
    expect(lab.rowsOf(report, 'doomed-bridged')).toMatchObject([
      { verdict: 'refused', code: expect.stringMatching(/unreachable|timeout|refused/) },
    ]);
    expect(lab.rowsOf(report, 'steady')).toMatchObject([{ verdict: 'scraped' }]);
  });

  test('a network that is removed between the look and the joining is gone, and the others are found', async () => {
    await lab.network('doomed');
    await lab.run({ name: 'on-doomed', expose: [9100], networks: ['doomed'] });
    let doomed = true;
    lab.window.before = async (asked) => {
      if (!doomed || asked !== 'POST /networks/*/connect') return;
      doomed = false;
      await docker.getContainer(lab.named('on-doomed')).remove({ force: true });
      await docker.getNetwork(lab.named('doomed')).remove();
    };
    const report = (await lab.succeed('--json', 'up')).report('up');
    expect(doomed).toBe(false);
    expect(report.targets.map((t) => t.instance)).toEqual([
      'localhost:9090',
      'grafana:3000',
      `${lab.named('steady')}:9100`,
    ]);
  });

  test('an engine that answers slowly is waited for', async () => {
    lab.window.before = () => sleep(200);
    const report = await lab.detect();
    expect(lab.rowsOf(report, 'steady')).toMatchObject([{ verdict: 'scraped' }]);
  });

  test('invalid labels do not stop detection, and prometheus.yml stays valid', async () => {
    lab.window.before = () => {};
    const wild = [
      'x'.repeat(100_000),
      'a\nb: [c',
      '"\'\\',
      '\u0024{HOME}{{ $labels.x }}',
      'köln 日本 \u{1f600}',
      '\u0085\u2028',
    ];
    const names = ['job', 'path', 'port', 'scheme', 'scrape'];
    await Promise.all([
      ...wild.map((value, i) =>
        lab.run({
          name: `wild-${i}`,
          expose: [9100],
          labels: {
            ...Object.fromEntries(names.map((name) => [`prometheus.io/${name}`, value])),
            'com.docker.compose.service': value,
            'com.docker.compose.project': value,
          },
        }),
      ),
      lab.run({
        name: 'a-thousand',
        expose: [9100],
        labels: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`prometheus.io/x${i}`, `${i}`])),
      }),
    ]);
    const report = (await lab.succeed('--json', 'up')).report('up');
    const instances = report.targets.map((t) => t.instance);
    // A job name of one line is one, whatever it is made of; the rest is a warning, and the exposed port is asked.
    for (const name of ['wild-0', 'wild-1', 'wild-2', 'wild-3', 'wild-4', 'wild-5', 'a-thousand', 'steady']) {
      expect(instances).toContain(`${lab.named(name)}:9100`);
    }
    expect(report.notices.filter((n) => n.includes(lab.named('wild-1')))).not.toEqual([]);
    for (const notice of report.notices) expect(notice.length).toBeLessThan(1000);
    expect(besidesDashboards((await lab.succeed('--json', 'up')).report('up'))).toEqual([]);
  });
});

describe('an image without a shell', () => {
  let lab: DetectLab;
  let image = '';
  beforeAll(async () => {
    lab = await detectLab({ what: 'bare' });
    image = await withoutShell(`${lab.stack.name}/bare:1`, prometheusImage);
    lab.stack.edit(/image: .*/, `image: ${image}`);
    await lab.run({ name: 'labelled', labels: { 'prometheus.io/port': '9100' } });
    await lab.run({ name: 'exposed', expose: [9100] });
    await lab.run({ name: 'secure', labels: { 'prometheus.io/port': '9443', 'prometheus.io/scheme': 'https' } });
  });
  afterAll(async () => {
    await lab.remove();
    await removeImage(image);
  });

  test('is reported; only ports named by labels are scraped', async () => {
    const first = (await lab.succeed('--json', 'up')).report('up');
    expect(first.notices).toContainEqual(
      expect.stringMatching(/no shell.*only containers with a label that names a port/),
    );
    const instances = [`${lab.named('labelled')}:9100`, `${lab.named('secure')}:9443`];
    expect(first.targets.map((t) => t.instance)).toEqual(['localhost:9090', 'grafana:3000', ...instances]);
    const report = await lab.detect();
    expect(report.warnings).toContainEqual(expect.stringContaining('no shell'));
    expect(lab.rowsOf(report, 'labelled')).toMatchObject([{ verdict: 'scraped', code: 'label' }]);
    expect(lab.rowsOf(report, 'exposed')).toMatchObject([{ verdict: 'to-be-asked' }]);
    expect(besidesDashboards((await lab.succeed('--json', 'up')).report('up'))).toEqual([]);
  });

  test('says so too where the only endpoint speaks TLS', async () => {
    await Promise.all(
      ['labelled', 'exposed'].map((name) => docker.getContainer(lab.named(name)).remove({ force: true })),
    );
    const report = (await lab.succeed('--json', 'up')).report('up');
    expect(report.notices).toContainEqual(expect.stringContaining('no shell'));
    expect(report.targets.map((t) => t.instance)).toContain(`${lab.named('secure')}:9443`);
  });
});

describe('the flag that shows targets soon after a start', () => {
  test('is given to a Prometheus that takes it, and what it finds is listed', async () => {
    const lab = await detectLab({ what: 'quick' });
    try {
      await lab.run({ name: 'web', expose: [9100] });
      await lab.succeed('up');
      const { Config } = await container(lab.stack.prometheus.container);
      expect(Config.Cmd).toContain('--scrape.discovery-reload-interval=100ms');
      await eventually(async () =>
        expect((await targetsOf(lab.stack)).map((t) => t.instance)).toContain(`${lab.named('web')}:9100`),
      );
    } finally {
      await lab.remove();
    }
  });

  test('is left out where Prometheus refuses it, and the next `up` changes nothing', async () => {
    const lab = await detectLab({ what: 'flagless' });
    const image = await withoutFlag(`${lab.stack.name}/flagless:1`, prometheusImage);
    try {
      lab.stack.edit(/image: .*/, `image: ${image}`);
      await lab.run({ name: 'web', expose: [9100] });
      await lab.succeed('up');
      const { Config, Id } = await container(lab.stack.prometheus.container);
      expect(Config.Cmd.join(' ')).not.toContain('discovery-reload-interval');
      expect(await fileIn(lab.stack.prometheus.container, CONFIG)).toContain(`${lab.named('web')}:9100`);
      expect(besidesDashboards((await lab.succeed('--json', 'up')).report('up'))).toEqual([]);
      expect((await container(lab.stack.prometheus.container)).Id).toBe(Id);
    } finally {
      await lab.remove();
      await removeImage(image);
    }
  });
});
