import { MonitorError } from '../errors.ts';
import { asRecord, text } from '../json.ts';
import type { Call } from './call.ts';
import type { Engine, PullProgress } from './engine.ts';
import { toImage } from './mapping.ts';
import { followPull, pullFailed, withTag } from './pull.ts';
import { found } from './refusals.ts';
import { type OfficialRegistry, registryAuth } from './registry-auth.ts';

/** `stallMs`: how long a pull may go on without any news. */
export function imageCalls(call: Call, dockerConfig: string, stallMs: number) {
  return {
    inspectImage: async (reference) => {
      const doing = `inspecting image ${reference}`;
      const answer = await found(call(doing, ({ docker }) => docker.getImage(reference).inspect()));
      return answer && toImage(answer);
    },
    pullImage: async (reference, onProgress, signal) => {
      try {
        await pull(call, reference, dockerConfig, stallMs, onProgress, signal);
      } catch (error) {
        if (error instanceof MonitorError || signal?.aborted) throw error;
        throw pullFailed(reference, error);
      }
    },
  } satisfies Partial<Engine>;
}

async function officialRegistry(call: Call, signal: AbortSignal): Promise<OfficialRegistry> {
  const info = asRecord(await call('asking for its registry', ({ docker }) => docker.info(), { signal }));
  const indexes = Object.entries(asRecord(asRecord(info.RegistryConfig).IndexConfigs));
  const names = indexes.filter(([, index]) => asRecord(index).Official === true).map(([name]) => name);
  return { address: text(info.IndexServerAddress), names };
}

async function pull(
  call: Call,
  reference: string,
  dockerConfig: string,
  stallMs: number,
  onProgress: (progress: PullProgress) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stall = new AbortController();
  const stalled = () => stall.abort(pullFailed(reference, `nothing was received for ${stallMs / 1000} s`));
  const timer = setTimeout(stalled, stallMs);
  const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
  try {
    const auth = await registryAuth(reference, {
      dockerConfig,
      official: await officialRegistry(call, either),
      signal: either,
    });
    timer.refresh();
    await call(
      `pulling image ${reference}`,
      async ({ docker, streams }) => {
        streams();
        const answer = await docker.createImage(auth, { fromImage: withTag(reference) });
        await followPull(answer, onProgress, () => timer.refresh());
      },
      { signal: either },
    );
  } finally {
    clearTimeout(timer);
  }
}
