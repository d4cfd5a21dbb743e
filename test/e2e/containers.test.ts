import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { askGrafana, eventually, query, sampleOf } from '../support/ask.ts';
import { container, docker, dropsAllCapabilities, execIn, findContainer } from '../support/engine-view.ts';
import { freePorts, freshStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
/** The same image under a name of this test's own. */
let otherImage: string;

beforeAll(async () => {
  stack = await freshStack({ what: 'cont' });
  otherImage = `monitor-test/${stack.name}:2`;
  await docker.getImage(inject('images').prometheus.image).tag({ repo: `monitor-test/${stack.name}`, tag: '2' });
  await stack.succeed(['up']);
  await eventually(async () => expect(await query(stack, 'up{job="prometheus"}')).toHaveLength(1));
});

afterAll(async () => {
  await stack.remove();
  await docker.getImage(otherImage).remove();
});

const ids = async () => ({
  prometheus: (await container(stack.prometheus.container)).Id,
  grafana: (await container(stack.grafana.container)).Id,
});

/** Samples that are older than the container. */
const samplesSince = (started: Date): Promise<number> =>
  sampleOf(stack, `count_over_time(up{job="prometheus"}[1h] @ ${started.getTime() / 1000})`);

describe('the containers of a stack', { sequential: true }, () => {
  it('have no privilege, no capability and no way to the engine', async () => {
    for (const { container: name } of [stack.prometheus, stack.grafana]) {
      const found = await container(name);
      const { HostConfig, Mounts } = found;
      expect(HostConfig.Privileged).toBe(false);
      expect(HostConfig.CapAdd ?? []).toEqual([]);
      expect(dropsAllCapabilities(found)).toBe(true);
      expect(HostConfig.SecurityOpt).toEqual(['no-new-privileges']);
      expect(Mounts.map((mount) => mount.Type)).toEqual(['volume']);
      const { output } = await execIn(name, ['grep', '-E', '^(CapEff|CapPrm|CapBnd|NoNewPrivs)', '/proc/1/status']);
      expect(output.replaceAll(/\s+/g, ' ')).toMatch(/CapPrm: 0+ CapEff: 0+ CapBnd: 0+ NoNewPrivs: 1/);
    }
  });

  it('come back after a reboot, with logs that stay small', async () => {
    for (const { container: name } of [stack.prometheus, stack.grafana]) {
      const { HostConfig } = await container(name);
      expect(HostConfig.RestartPolicy).toMatchObject({ Name: 'unless-stopped' });
      const { Type, Config } = HostConfig.LogConfig ?? {};
      // Podman does not tell what it was given.
      const bounded = { 'max-size': expect.any(String), 'max-file': expect.any(String) };
      expect((Type === 'json-file' && Config) || bounded).toEqual(bounded);
    }
  });

  it('are published on the address of `bind` only', async () => {
    for (const { container: name, port } of [stack.prometheus, stack.grafana]) {
      const { NetworkSettings } = await container(name);
      const published = Object.values(NetworkSettings.Ports).flatMap((bindings) => bindings ?? []);
      expect(published).toEqual([{ HostIp: '127.0.0.1', HostPort: `${port}` }]);
    }
  });

  it('are recreated one by one if their port changed, and keep the data', async () => {
    const before = await ids();
    const [port = 0] = await freePorts(1);
    stack.edit(`port: ${stack.prometheus.port}`, `port: ${port}`);
    stack.prometheus.port = port;
    stack.prometheus.url = `http://127.0.0.1:${port}`;
    const ran = await stack.succeed(['up']);
    expect(ran.stderr).toMatch(new RegExp(`Container ${stack.prometheus.container} +Recreated`));
    const after = await ids();
    expect(after.prometheus).not.toBe(before.prometheus);
    expect(after.grafana).toBe(before.grafana);
    const started = new Date((await container(stack.prometheus.container)).State.StartedAt);
    expect(await samplesSince(started)).toBeGreaterThan(0);
  });

  it('are recreated if the retention or the image changed, and keep the data', async () => {
    const before = await ids();
    stack.edit('retention: {time: 15d}', 'retention: {time: 9d, size: 1GB}');
    stack.edit(inject('images').prometheus.image, otherImage);
    await stack.succeed(['up']);
    expect(await ids()).toMatchObject({ grafana: before.grafana });
    const { Id, Config, State } = await container(stack.prometheus.container);
    expect(Id).not.toBe(before.prometheus);
    // Podman puts a registry before the name.
    expect(Config.Image.replace(/^docker\.io\//, '')).toBe(otherImage);
    expect(Config.Cmd).toEqual(
      expect.arrayContaining(['--storage.tsdb.retention.time=9d', '--storage.tsdb.retention.size=1GB']),
    );
    expect(await samplesSince(new Date(State.StartedAt))).toBeGreaterThan(0);
  });

  it('are recreated if a Grafana setting or a container name changed, and keep the dashboards made there', async () => {
    const before = await ids();
    const body = { name: 'Theirs', type: 'prometheus', access: 'proxy', url: 'http://theirs:9090' };
    expect(await askGrafana(stack, '/api/datasources', { method: 'POST', body })).toMatchObject({ status: 200 });
    const [port = 0] = await freePorts(1);
    stack.edit(`port: ${stack.grafana.port}`, `port: ${port}\n  container: ${stack.name}-dashboards`);
    const old = stack.grafana.container;
    stack.grafana.port = port;
    stack.grafana.url = `http://127.0.0.1:${port}`;
    stack.grafana.container = `${stack.name}-dashboards`;
    await stack.succeed(['up']);
    expect(await findContainer(old)).toBeUndefined();
    expect(await ids()).toMatchObject({ prometheus: before.prometheus });
    expect(await askGrafana(stack, '/api/datasources/name/Theirs')).toMatchObject({ status: 200 });
  });
});
