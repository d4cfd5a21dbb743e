import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureEngine } from '../scripts/sandbox/engine.ts';
import { ensureImages, type SandboxImages } from '../scripts/sandbox/images.ts';
import type { Lab } from './measure.ts';

const root = new URL('..', import.meta.url).pathname;

/** A measure's surroundings. `close` removes all that was created for it, even if a part of that fails. */
export const createLab = (rounds: number): Lab & { close(): Promise<void> } => {
  const base = mkdtempSync(join(tmpdir(), 'monitor-bench-'));
  const atEnd: (() => Promise<unknown>)[] = [];
  return {
    rounds,
    root,
    say,
    images,
    folder: (name) => {
      const path = join(base, name);
      mkdirSync(path);
      return path;
    },
    atEnd: (work) => void atEnd.push(work),
    close: async () => {
      for (const work of atEnd.splice(0).reverse()) await work().catch((error: Error) => say(error.message));
      rmSync(base, { recursive: true, force: true });
    },
  };
};

const say = (line: string): void => void process.stderr.write(`${line}\n`);

let found: Promise<SandboxImages> | undefined;

const images = (): Promise<SandboxImages> => {
  found ??= bringUp();
  return found;
};

const bringUp = async (): Promise<SandboxImages> => {
  const { dockerHost } = await ensureEngine(say);
  if (dockerHost) process.env.DOCKER_HOST = dockerHost;
  return ensureImages({ say });
};
