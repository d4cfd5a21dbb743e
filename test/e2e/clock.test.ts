import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, loadedConfig, query } from '../support/ask.ts';
import { type DetectLab, detectLab, serving } from '../support/detect-lab.ts';
import { clockAhead } from '../support/shifted-clock.ts';

/** A machine whose clock is not the engine's, as a laptop's and that of its virtual machine after sleep. */
let lab: DetectLab;
const run = (minutes: number, ...args: string[]) =>
  lab.stack.monitor(args, { DOCKER_HOST: lab.window.host, ...clockAhead(minutes) });

beforeAll(async () => {
  lab = await detectLab({ what: 'clock' });
  await lab.run({ name: 'first', expose: [9100] });
  await lab.succeed('up');
  await eventually(async () => expect(await query(lab.stack, 'up == 1')).toHaveLength(3));
});
afterAll(() => lab.remove());

describe.each([
  [10, '10 minutes behind'],
  [-10, '10 minutes ahead of'],
])('where this machine’s clock is %s minutes ahead', (minutes, words) => {
  it('ages are by Prometheus’s clock, and one line says so', async () => {
    const stdout = await eventually(async () => {
      const ran = await run(minutes, 'status');
      expect(ran.stdout).toMatch(/-first:9100 +up +\ds ago/);
      return ran.stdout;
    });
    expect(stdout.match(new RegExp(`clock is ${words}`, 'g'))).toHaveLength(1);
    const report = (await run(minutes, '--json', 'status')).report('status');
    expect(Math.abs(Date.parse(report.now ?? '') - Date.now())).toBeLessThan(10_000);
  });

  it('a range of a query ends now', async () => {
    await eventually(async () => {
      const { series } = (await run(minutes, '--json', 'query', 'up', '--since', '10s')).report('query');
      expect(series.length).toBeGreaterThanOrEqual(3);
    });
  });

  it('`up` after a restart that was killed does not hang', async () => {
    const restart = lab.start('--verbose', 'restart', 'prometheus');
    await restart.line(/: Stopping/);
    restart.kill('SIGKILL');
    await restart.ran;
    expect((await run(minutes, 'up')).code).toBe(0);
  });

  it('`watch` finds a container that answers late', async () => {
    const short = `late${minutes > 0 ? '' : '-too'}`;
    const watch = lab.stack.start(['watch'], { DOCKER_HOST: lab.window.host, ...clockAhead(minutes) });
    await watch.line(/watching/);
    const added = watch.line(new RegExp(`^\\+ ${lab.named(short)}:9100`));
    await lab.run({ name: short, expose: [9100], sh: `sleep 2; ${serving(9100)}` });
    await added;
    watch.kill('SIGINT');
    await watch.ran;
    expect(await loadedConfig(lab.stack)).toContain(`${lab.named(short)}:9100`);
  });
});
