import { errorText, MonitorError } from '../errors.ts';
import { asRecord, number, parseJson, text } from '../json.ts';
import type { Call } from './call.ts';
import type { Engine, PullProgress } from './engine.ts';
import { readInto, splitLines } from './lines.ts';
import { toImage } from './mapping.ts';
import { isGone, unless } from './refusals.ts';
import { type OfficialRegistry, registryAuth } from './registry-auth.ts';

/** `stallMs`: how long a pull may go on without any news. */
export function imageCalls(call: Call, dockerConfig: string, stallMs: number) {
  return {
    inspectImage: async (reference) => {
      const look = call(`inspecting image ${reference}`, ({ docker }) => docker.getImage(reference).inspect());
      const answer = await unless(look, isGone);
      return answer && toImage(answer);
    },
    pullImage: async (reference, onProgress, signal) => {
      const stall = new AbortController();
      const stalled = () => stall.abort(pullFailed(reference, `nothing was received for ${stallMs / 1000} s`));
      const timer = setTimeout(stalled, stallMs);
      const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
      try {
        const official = await officialRegistry(call, either);
        const auth = await registryAuth(reference, { dockerConfig, official, signal: either });
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
      } catch (error) {
        if (error instanceof MonitorError || signal?.aborted) throw error;
        throw pullFailed(reference, error);
      } finally {
        clearTimeout(timer);
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

/**
 * Reads the answer of `POST /images/create` to its end: a line of JSON for each step of each layer.
 * Throws an Error with the registry's words; they come in the stream, after a status of 200.
 */
export async function followPull(
  answer: NodeJS.ReadableStream,
  onProgress: (progress: PullProgress) => void,
  onLife: () => void,
): Promise<void> {
  const layers = new Map<string, PullProgress>();
  const lines = splitLines((line) => {
    onLife();
    const step = asRecord(parseJson(line));
    const error = text(asRecord(step.errorDetail).message) || text(step.error);
    if (error) throw new Error(error);
    const [id, status, detail] = [text(step.id), text(step.status), asRecord(step.progressDetail)];
    const layer = layers.get(id);
    if (status === 'Downloading' && number(detail.total) > 0)
      layers.set(id, { receivedBytes: number(detail.current), totalBytes: number(detail.total) });
    else if (status === 'Download complete' && layer) layers.set(id, { ...layer, receivedBytes: layer.totalBytes });
    else return;
    const sum = (of: keyof PullProgress) => [...layers.values()].reduce((total, each) => total + each[of], 0);
    onProgress({ receivedBytes: sum('receivedBytes'), totalBytes: sum('totalBytes') });
  });
  await readInto(lines, answer);
}

/** Without a tag the engine would pull every tag of the repository. */
export const withTag = (reference: string): string =>
  /[@:][^/]*$/.test(reference) ? reference : `${reference}:latest`;

function pullFailed(reference: string, error: unknown): MonitorError {
  return new MonitorError({
    code: 'image-pull-failed',
    message: `Cannot pull image ${reference}`,
    detail: [errorText(error)],
    suggestion: [
      `check the name (\`docker pull ${reference}\`), or set another image in monitor.yml;`,
      `offline: \`docker save -o image.tar ${reference}\` on a machine that has it, and \`docker load -i image.tar\` here`,
    ].join(' '),
    cause: error,
  });
}
