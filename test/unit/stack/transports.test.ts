import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../src/docker/engine.ts';
import { transportsTo } from '../../../src/stack/transports.ts';
import { fakeEngine } from '../../support/fake-engine.ts';
import { config } from '../../support/observed.ts';

const endpoint = { host: 'tcp://far.example:2375', source: 'DOCKER_HOST', local: false };

/** What comes of a request to Grafana through a tunnel that ends so. */
const through = (execStream: () => Promise<Duplex>): Promise<unknown> =>
  transportsTo(fakeEngine({ endpoint, execStream }), config())
    .grafana({ method: 'GET', path: '/api/health' })
    .catch((error: unknown) => error);

const saying = (words: string) => async (): Promise<Duplex> => {
  const stream = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
  setImmediate(() => stream.destroy(new EngineError(0, words)));
  return stream;
};

describe('on a remote engine, a server is not there yet where', () => {
  it('the container that the tunnel starts in does not run', async () => {
    const stopped = new EngineError(409, 'Container 1a2b is not running');
    expect(await through(() => Promise.reject(stopped))).toMatchObject({
      code: 'ECONNREFUSED',
      message: stopped.message,
    });
  });

  it.each(["nc: can't connect to remote host (172.18.0.3): Connection refused", "nc: bad address 'grafana'"])(
    'nc says "%s"',
    async (words) => {
      expect(await through(saying(words))).toMatchObject({ code: 'ECONNREFUSED', message: words });
    },
  );
});

it('an image without nc is not taken for a server that is starting', async () => {
  const words = 'OCI runtime exec failed: exec: "nc": executable file not found in $PATH';
  expect(await through(saying(words))).toMatchObject({ code: 'UNKNOWN', message: words });
});
