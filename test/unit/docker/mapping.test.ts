import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toContainer, toContainerDetail, toEvent, toImage, toNetwork, toVolume } from '../../../src/docker/mapping.ts';

/** What Docker 20.10.24 (API 1.41) answered. */
const recorded = (file: string): string => readFileSync(new URL(`recorded/${file}`, import.meta.url), 'utf8');
const json = (file: string): unknown => JSON.parse(recorded(file));

const id = 'ef04f50a8c49344a7de3f8786d16d5b34de5a744f62d3c2466b74fb657a8e0ae';
const networkId = '1ddbe4e3a0eb0eb9509295adca8b273fcb04ea50cf594521625e574648a54601';
const imageId = 'sha256:ac8f2960837f92a89ab324cea3597dd2fe4b7b8071ded44fde673a2c2c678cd9';
const labels = { 'monitor-sandbox.recipe': 'd1b5285134af91f4', 'prometheus.io/scrape': 'true' };
const attachment = { name: 'rec-net', networkId, ipAddress: '192.168.0.2', ipv6Address: '' };

it('a row of the list of containers', () => {
  expect([json('containers.json')].flat().map(toContainer)).toEqual([
    {
      id,
      name: 'rec-web',
      image: 'monitor-sandbox/busybox:1',
      imageId,
      state: 'running',
      status: 'Up 2 seconds (healthy)',
      labels,
      created: 1795455272,
      networkMode: 'rec-net',
      networks: [attachment],
      ports: [
        { privatePort: 8080, publicPort: undefined, hostIp: undefined, type: 'udp' },
        { privatePort: 9090, publicPort: 32770, hostIp: '127.0.0.1', type: 'tcp' },
      ],
      mounts: [{ type: 'volume', name: 'rec-vol', destination: '/data' }],
    },
  ]);
});

it('an inspected container', () => {
  expect(toContainerDetail(json('container.json'))).toEqual({
    id,
    name: 'rec-web',
    image: 'monitor-sandbox/busybox:1',
    state: 'running',
    exitCode: 0,
    error: '',
    oomKilled: false,
    restartCount: 0,
    startedAt: expect.stringMatching(/^2026-11-23T17:34:3\d\.\d+Z$/),
    finishedAt: '0001-01-01T00:00:00Z',
    env: expect.objectContaining({ A: 'b=c', EMPTY: '' }),
    exposedPorts: [
      { privatePort: 8080, publicPort: undefined, hostIp: undefined, type: 'udp' },
      { privatePort: 9090, publicPort: undefined, hostIp: undefined, type: 'tcp' },
    ],
    user: '65534',
    networkMode: 'rec-net',
    halfConnected: [],
    networks: [{ ...attachment, aliases: ['web', 'ef04f50a8c49'] }],
  });
});

it('a network', () => {
  expect(toNetwork(json('network.json'))).toEqual({
    id: networkId,
    name: 'rec-net',
    labels: {},
    isInternal: false,
  });
});

it('a volume', () => {
  expect(toVolume(json('volume.json'))).toEqual({ name: 'rec-vol', labels: { app: 'web' } });
});

it('an image', () => {
  expect(toImage(json('image.json'))).toEqual({ id: imageId, user: '' });
});

describe('events', () => {
  it('of Podman are read as those of Docker', () => {
    const of = (Type: string, Action: string, ID: string, Attributes: object) =>
      toEvent({ Type, Action, Actor: { ID, Attributes }, timeNano: 1e18 });
    expect(of('container', 'remove', 'c1', { name: 'web' })).toMatchObject({ action: 'destroy', id: 'c1' });
    expect(of('network', 'connect', 'c1', { name: 'web', network: 'shop' })).toMatchObject({
      id: 'shop',
      attributes: { container: 'c1', name: 'shop' },
    });
  });

  const events = recorded('events.ndjson')
    .trim()
    .split('\n')
    .map((line) => toEvent(JSON.parse(line)));

  it('have a type, an action and the id of what they happen to', () => {
    expect(events.map((event) => `${event?.type} ${event?.action}`)).toEqual([
      'container create',
      'network connect',
      'container start',
      'container exec_create: /bin/sh -c true',
      'container exec_start: /bin/sh -c true',
      'container exec_die',
      'container health_status: healthy',
      'container kill',
      'container die',
      'network disconnect',
      'container stop',
      'container destroy',
      'network destroy',
    ]);
    const [created, connected] = events;
    expect(connected?.attributes).toMatchObject({ name: 'rec-net', container: created?.id });
  });

  it('have a time in milliseconds, from nanoseconds that are too large for a double', () => {
    expect(events[0]?.time).toBe(1795455297272);
    expect(toEvent({ Type: 'container', Action: 'start', Actor: { ID: 'x' }, time: 5 })?.time).toBe(5000);
  });

  it('of other kinds are ignored', () => {
    expect(toEvent({ Type: 'image', Action: 'pull', Actor: { ID: 'x' } })).toBeUndefined();
  });
});

describe('answers of other engines', () => {
  it('may say null or nothing for what is empty', () => {
    expect(
      toContainer({ Id: 'x', Names: null, Labels: null, Ports: null, Mounts: null, State: 'running' }),
    ).toMatchObject({
      id: 'x',
      name: '',
      labels: {},
      ports: [],
      mounts: [],
      networks: [],
      networkMode: 'bridge',
      state: 'running',
    });
    expect(toContainerDetail({ Id: 'x', Config: { Env: null } })).toMatchObject({
      env: {},
      networks: [],
    });
    expect(toNetwork({ Id: 'x', Name: 'n', Labels: null })).toMatchObject({ labels: {} });
  });

  it.each(['host', 'none'])("have %s as their mode where Podman's list has it as a network", (name) => {
    const Networks = { [name]: { NetworkID: name, EndpointID: '' } };
    expect(toContainer({ State: 'running', NetworkSettings: { Networks } }).networkMode).toBe(name);
  });

  it("are in another one's network where Podman's list has them on its networks, under its id", () => {
    const on = (Id: string) =>
      toContainer({
        Id,
        State: 'running',
        NetworkSettings: { Networks: { shop: { Aliases: ['web', '98480f9f4b88'] } } },
      });
    expect(on('028e60d9963b00').networkMode).toBe('container:98480f9f4b88');
    expect(on('98480f9f4b8800').networkMode).toBe('bridge');
  });

  const attached = (state: string, name: string, endpoint: object) =>
    toContainer({ State: state, NetworkSettings: { Networks: { [name]: endpoint } } }).networks;

  it("are on `bridge` where Podman's list calls its default network `podman`", () => {
    const NetworkID = '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9';
    expect(attached('running', 'podman', { NetworkID, EndpointID: '' })).toMatchObject([{ name: 'bridge' }]);
    expect(attached('running', 'podman', { NetworkID: 'f00', EndpointID: 'e' })).toMatchObject([{ name: 'podman' }]);
  });

  it('are not on a network that they could not be connected to while they ran', () => {
    const failed = { NetworkID: '', EndpointID: '', IPAddress: '' };
    const detail = (Status: string) =>
      toContainerDetail({ State: { Status }, NetworkSettings: { Networks: { full: failed } } });
    expect(attached('running', 'full', failed)).toEqual([]);
    expect(detail('running')).toMatchObject({ networks: [], halfConnected: ['full'] });
    expect(attached('running', 'shop', { ...failed, NetworkID: 'f00' })).toHaveLength(1);
  });

  it('keep the networks that they are to join when they start', () => {
    const unstarted = { NetworkID: '', EndpointID: '' };
    expect(attached('created', 'shop', unstarted)).toMatchObject([{ name: 'shop' }]);
  });

  it("may have states of their own: Podman's do not run", () => {
    expect(toContainer({ State: 'configured' }).state).toBe('created');
    expect(toContainer({ State: 'stopped' }).state).toBe('exited');
  });

  it('may give a container a name for each link to it: its own counts', () => {
    expect(toContainer({ Names: ['/web/db', '/db'] }).name).toBe('db');
  });

  it('call the default network default in old containers', () => {
    expect(toContainer({ HostConfig: { NetworkMode: 'default' } }).networkMode).toBe('bridge');
  });
});
