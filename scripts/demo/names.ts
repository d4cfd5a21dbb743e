import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Labels } from '../../src/docker/engine.ts';

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The stack's name: a special one, so that a stack of the user's own is never changed or removed. */
export const STACK = 'monitor-demo';

/** The folder with the demo's monitor.yml, which git ignores. */
export const FOLDER = join(ROOT, '.demo');
export const CONFIG = join(FOLDER, 'monitor.yml');

/** The application's network: the demo's own, or one of that name that was there before. */
export const NETWORK = 'myevents';

/** By this the demo knows what it may remove. */
export const DEMO_LABELS: Labels = { 'monitor-demo': 'myevents' };
export const DEMO_FILTER = Object.entries(DEMO_LABELS).map(([key, value]) => `${key}=${value}`);

export const isOfDemo = (thing: { labels: Labels }): boolean =>
  Object.entries(DEMO_LABELS).every(([key, value]) => thing.labels[key] === value);
