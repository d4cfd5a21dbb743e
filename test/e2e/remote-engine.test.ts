import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, query, queryThroughGrafana } from '../support/ask.ts';
import { type EngineProxy, startEngineProxy } from '../support/engine-proxy.ts';
import { container, findContainer } from '../support/engine-view.ts';
import { prometheusStartedBy, removeMadeImages } from '../support/made-images.ts';
import { freshStack, type TestStack } from '../support/stack.ts';
import { besidesDashboards } from '../support/up-changes.ts';

let stack: TestStack;
/** An engine at the end of a TCP connection: its published ports are not taken to be on this machine. */
let remote: EngineProxy;

beforeAll(async () => {
  remote = await startEngineProxy();
  stack = await freshStack({ what: 'remote' });
});

afterAll(async () => {
  await remote.close();
  await stack.remove();
  await removeMadeImages();
});

describe('a remote engine', { sequential: true }, () => {
  it('gets the whole stack, though its ports cannot be reached from here', async () => {
    const env = { DOCKER_HOST: remote.host };
    const report = (await stack.succeed(['up', '--json'], env)).report('up');
    expect(report).toMatchObject({ changed: true, datasource: { ok: true } });
    await eventually(async () => expect(await query(stack, 'up == 1')).toHaveLength(2));
    expect(await queryThroughGrafana(stack, 'up')).toHaveLength(2);
    expect(besidesDashboards((await stack.succeed(['up', '--json'], env)).report('up'))).toEqual([]);
    expect((await stack.succeed(['status', '--json'], env)).report('status')).toMatchObject({ running: true });
  });

  it('is found by the name of its Docker context, and by the current one', async () => {
    const dockerConfig = join(stack.folder, 'docker');
    storeContext(dockerConfig, 'far', remote.host);
    const env = { DOCKER_HOST: undefined, DOCKER_CONFIG: dockerConfig };
    expect((await stack.succeed(['status', '--json', '--context', 'far'], env)).report('status').running).toBe(true);
    writeFileSync(join(dockerConfig, 'config.json'), '{"currentContext": "far"}');
    await eventually(async () => expect(remote.open()).toBe(0));
    expect((await stack.succeed(['status', '--json'], env)).report('status').running).toBe(true);
    const unknown = await stack.monitor(['status', '--context', 'nowhere'], env);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('nowhere') });
  });

  it('shows the last log lines of a Prometheus that ends at its start', async () => {
    const image = await prometheusStartedBy('ending', 'echo it cannot be; exit 7');
    const good = stack.config();
    stack.edit(/image: .*/, `image: ${image}`);
    const ran = await stack.monitor(['up'], { DOCKER_HOST: remote.host });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(
      new RegExp(`Container ${stack.prometheus.container} (exited with code 7|ended) at its start`),
    );
    expect(ran.stderr).toContain('it cannot be');
    stack.writeConfig(good);
    await stack.succeed(['up'], { DOCKER_HOST: remote.host });
  });

  it('that is lost half-way ends `up` with what to do, and the next `up` goes on', async () => {
    await stack.succeed(['down', '--volumes', '--yes']);
    for (const line of [/Network .*: Creating/, /Container .*: Creating/, /Container .*: Starting/]) {
      const dying = await startEngineProxy();
      const up = stack.start(['--verbose', 'up'], { DOCKER_HOST: dying.host });
      await up.line(line);
      await dying.close();
      const ran = await up.ran;
      expect(ran.code).toBe(1);
      expect(ran.stderr).toMatch(/Docker engine/);
      expect(ran.stderr).toContain('run the command again');
      expect(ran.stderr).not.toContain('this is a bug');
    }
    expect((await stack.succeed(['up', '--json'])).report('up')).toMatchObject({ datasource: { ok: true } });
    expect((await container(stack.prometheus.container)).State.Running).toBe(true);
    await stack.succeed(['down', '--volumes', '--yes'], { DOCKER_HOST: remote.host });
    expect(await findContainer(stack.prometheus.container)).toBeUndefined();
  });
});

/** As `docker context create` stores it. */
const storeContext = (dockerConfig: string, name: string, host: string): void => {
  const folder = join(dockerConfig, 'contexts', 'meta', createHash('sha256').update(name).digest('hex'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
};
