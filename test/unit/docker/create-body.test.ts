import { expect, it } from 'vitest';
import { createBody } from '../../../src/docker/create-body.ts';
import type { CreateContainer } from '../../../src/docker/engine.ts';

const spec: CreateContainer = {
  name: 'prometheus',
  image: 'prom/prometheus:v3',
  env: { A: 'b=c' },
  labels: { ours: 'yes' },
  mounts: [{ volume: 'data', target: '/prometheus' }],
  ports: [{ container: 9090, host: 19090, bind: '127.0.0.1' }],
  network: { name: 'stack', aliases: ['prometheus'] },
  extraHosts: ['host.docker.internal:host-gateway'],
  restart: 'unless-stopped',
  capDrop: ['ALL'],
  securityOpt: ['no-new-privileges'],
  logOptions: { 'max-size': '10m' },
};

it('everything that is asked for is sent', () => {
  expect(
    createBody({
      ...spec,
      entrypoint: ['/bin/x'],
      command: ['--a'],
      user: '472',
      binds: ['/proc:/p:ro'],
      pidMode: 'host',
    }),
  ).toEqual({
    Image: 'prom/prometheus:v3',
    Env: ['A=b=c'],
    Labels: { ours: 'yes' },
    ExposedPorts: { '9090/tcp': {} },
    Entrypoint: ['/bin/x'],
    Cmd: ['--a'],
    User: '472',
    NetworkingConfig: { EndpointsConfig: { stack: { Aliases: ['prometheus'] } } },
    HostConfig: {
      Mounts: [{ Type: 'volume', Source: 'data', Target: '/prometheus', ReadOnly: false }],
      PortBindings: { '9090/tcp': [{ HostIp: '127.0.0.1', HostPort: '19090' }] },
      NetworkMode: 'stack',
      RestartPolicy: { Name: 'unless-stopped' },
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ExtraHosts: ['host.docker.internal:host-gateway'],
      LogConfig: { Type: 'json-file', Config: { 'max-size': '10m' } },
      Binds: ['/proc:/p:ro'],
      PidMode: 'host',
    },
  });
});

it('what is absent is left to the image and the engine', () => {
  const body = JSON.parse(JSON.stringify(createBody({ ...spec, logOptions: {} })));
  expect(Object.keys(body)).not.toEqual(expect.arrayContaining(['Cmd']));
  expect(body).not.toHaveProperty('Entrypoint');
  expect(body).not.toHaveProperty('User');
  expect(body.HostConfig).not.toHaveProperty('LogConfig');
});

it.each(['bridge', 'host', 'none', 'container:abc'])('no alias is sent for the network %s, which has none', (name) => {
  const body = createBody({ ...spec, network: { name, aliases: ['x'] } });
  expect(body.NetworkingConfig).toEqual({ EndpointsConfig: {} });
  expect(body.HostConfig?.NetworkMode).toBe(name);
});

it('a port may be published at several addresses', () => {
  const ports = ['127.0.0.1', '10.0.0.1'].map((bind) => ({ container: 9090, host: 9090, bind }));
  expect(createBody({ ...spec, ports }).HostConfig?.PortBindings['9090/tcp']).toHaveLength(2);
});

it('a container that asks for us is killed when it is told to end: no command waits for it, with Podman either', () => {
  expect(createBody({ ...spec, attached: true })).toMatchObject({ AttachStdin: true, StopSignal: 'SIGKILL' });
});
