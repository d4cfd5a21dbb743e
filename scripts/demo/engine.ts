import { homedir } from 'node:os';
import { connect } from '../../src/docker/connect.ts';
import type { Engine } from '../../src/docker/engine.ts';

/** Finds the engine as `monitor` itself finds it, and closes the connections after `work`. */
export async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const engine = await connect({ env: process.env, homedir: homedir(), platform: process.platform });
  try {
    return await work(engine);
  } finally {
    engine.close();
  }
}
