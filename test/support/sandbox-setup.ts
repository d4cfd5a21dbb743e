import type { TestProject } from 'vitest/node';
import { ensureEngine } from '../../scripts/sandbox/engine.ts';
import { ensureImages } from '../../scripts/sandbox/images.ts';
import './sandbox-context.ts';

/** vitest's global setup: an engine that answers and the images the tests start. It takes nothing down again. */
export default async function setup(project: TestProject): Promise<void> {
  const say = (line: string) => process.stderr.write(`sandbox: ${line}\n`);
  const engine = await ensureEngine(say);
  if (engine.dockerHost) process.env.DOCKER_HOST = engine.dockerHost;
  project.provide('images', await ensureImages({ say }));
}
