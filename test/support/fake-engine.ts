import type { Engine } from '../../src/docker/engine.ts';

/** An engine that can do what is listed, and throws at any other call: what a test does not expect does not pass unseen. */
export function fakeEngine(known: Partial<Engine> = {}): Engine {
  const endpoint = { host: 'unix:///fake.sock', source: 'a test', local: false };
  const calls: Partial<Engine> = { endpoint, close: () => {}, ...known };
  // A proxy has to be given a whole engine, of which it shows only the listed part.
  return new Proxy(Object.create(null) as Engine, {
    get: (_, name) => {
      if (name === 'then') return undefined;
      const call = Reflect.get(calls, name);
      if (call === undefined) throw new Error(`the test did not expect engine.${String(name)}`);
      return call;
    },
  });
}
