import { addressOn, docker } from './engine-view.ts';
import type { UsersThings } from './users-things.ts';

/**
 * Stops a container on the default bridge, lets another one that serves metrics have its address, and starts it again: it gets
 * a new one. Gives the name of the other.
 */
export const moveOnBridge = async (users: UsersThings, name: string): Promise<string> => {
  const before = await addressOn(name, 'bridge');
  for (let attempt = 0; attempt < 10; attempt += 1) {
    await docker.getContainer(name).stop({ t: 2 });
    const other = `${name}-${attempt}`;
    await users.service({ name: other });
    await docker.getContainer(name).start();
    if ((await addressOn(other, 'bridge')) === before) return other;
  }
  throw new Error(`no other container got ${before}`);
};
