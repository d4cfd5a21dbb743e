import { describe, expect, it } from 'vitest';
import { stackUrls } from '../../../src/stack/urls.ts';

const at = (bind: string, host: string) => {
  const endpoint = { host, source: 'DOCKER_HOST', local: /^(unix|npipe):/.test(host) };
  return stackUrls({ bind, prometheus: { port: 9090 }, grafana: { port: 3000 } }, endpoint);
};

const on = (host: string) => ({ prometheus: `http://${host}:9090`, grafana: `http://${host}:3000` });

describe('the addresses of a stack', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::'])('are on localhost where this machine publishes on %s', (bind) => {
    expect(at(bind, 'unix:///var/run/docker.sock')).toEqual(on('localhost'));
  });

  it.each([
    ['192.168.1.5', 'unix:///var/run/docker.sock', '192.168.1.5'],
    ['fd00::5', 'npipe:////./pipe/docker_engine', '[fd00::5]'],
    ['192.168.1.5', 'tcp://far.example:2376', '192.168.1.5'],
  ])('are on %s where it is published there (%s)', (bind, host, shown) => {
    expect(at(bind, host)).toEqual(on(shown));
  });

  it.each([
    ['tcp://far.example:2376', 'far.example'],
    ['ssh://me@far.example:2222', 'far.example'],
    ['tcp://[fd00::7]:2376', '[fd00::7]'],
  ])('are on the machine of the engine %s where it publishes on all addresses', (host, shown) => {
    expect(at('0.0.0.0', host)).toEqual(on(shown));
  });

  it.each([
    [
      'ssh://me@far.example:2222',
      '127.0.0.1',
      'ssh -N -L 9090:127.0.0.1:9090 -L 3000:127.0.0.1:3000 -p 2222 me@far.example',
    ],
    ['tcp://far.example:2376', '127.0.0.1', 'ssh -N -L 9090:127.0.0.1:9090 -L 3000:127.0.0.1:3000 far.example'],
    ['ssh://far.example', '::1', 'ssh -N -L 9090:[::1]:9090 -L 3000:[::1]:3000 far.example'],
  ])('need a forward where the engine %s publishes on its own %s', (host, bind, forward) => {
    expect(at(bind, host)).toEqual({ ...on('localhost'), forward });
  });

  it('need no known host if the engine is reached through a port of this machine', () => {
    expect(at('127.0.0.1', 'tcp://127.0.0.1:2375')).toEqual(on('localhost'));
  });
});
