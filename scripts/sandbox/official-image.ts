import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dockerClient } from './client.ts';
import { imageExists } from './image.ts';
import { cacheDir } from './paths.ts';
import type { Say } from './run.ts';

/** How long a registry may say nothing. A pull that makes progress takes as long as it needs. */
const SILENCE_MS = 8000;
/** How long a failed pull is remembered, so that every test run does not wait for a registry that is not there. */
const REMEMBER_MS = 60 * 60 * 1000;

/** The image that `variable` names; it must exist or be pullable, because somebody asked for exactly this one. */
export async function chosenImage(variable: string, say: Say): Promise<string | undefined> {
  const name = process.env[variable];
  if (!name || (await imageExists(name))) return name || undefined;
  say(`Pulling ${name} (from ${variable}).`);
  const failure = await pull(name);
  if (failure === undefined) return name;
  throw new Error(`${variable} is ${name}, which this engine does not have and cannot pull: ${failure}`);
}

/** The official image if the engine has it or a registry gives it, else undefined. */
export async function officialImage(name: string, say: Say): Promise<string | undefined> {
  if (await imageExists(name)) return name;
  if (failedLately(name)) return undefined;
  say(`Pulling ${name}.`);
  const failure = await pull(name);
  if (failure === undefined) return name;
  say(`${name} cannot be pulled: ${failure}`);
  rememberFailure(name);
  return undefined;
}

/** Undefined when the image was pulled, else why not. */
async function pull(name: string): Promise<string | undefined> {
  const docker = await dockerClient();
  const abort = new AbortController();
  let lastWord = Date.now();
  const pulled = new Promise<string | undefined>((resolve) => {
    docker
      .pull(name, { abortSignal: abort.signal })
      .then((progress) => {
        docker.modem.followProgress(
          progress,
          (error) => resolve(error?.message),
          () => {
            lastWord = Date.now();
          },
        );
      })
      .catch((error: Error) => resolve(error.message));
  });
  const silence = (async () => {
    while (Date.now() - lastWord < SILENCE_MS) await sleep(100, undefined, { ref: false, signal: abort.signal });
    return `the registry said nothing for ${SILENCE_MS / 1000} s`;
  })().catch(() => undefined);
  try {
    return await Promise.race([pulled, silence]);
  } finally {
    abort.abort();
  }
}

const failureFile = (name: string) => join(cacheDir(), 'unreachable', encodeURIComponent(name));

function failedLately(name: string): boolean {
  try {
    return Date.now() - statSync(failureFile(name)).mtimeMs < REMEMBER_MS;
  } catch {
    return false;
  }
}

function rememberFailure(name: string): void {
  mkdirSync(join(cacheDir(), 'unreachable'), { recursive: true });
  writeFileSync(failureFile(name), '');
}
