import { errorText, MonitorError } from '../errors.ts';
import { asRecord, number, parseJson, text } from '../json.ts';
import type { PullProgress } from './engine.ts';
import { splitLines } from './lines.ts';

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
    const step = asRecord(parseJson(line));
    const error = text(asRecord(step.errorDetail).message) || text(step.error);
    if (error) throw new Error(error);
    if (noteStep(layers, step)) onProgress(sum(layers.values()));
  });
  for await (const chunk of answer) {
    onLife();
    lines.write(Buffer.from(chunk));
  }
  lines.end();
}

function noteStep(layers: Map<string, PullProgress>, step: Record<string, unknown>): boolean {
  const [id, status, detail] = [text(step.id), text(step.status), asRecord(step.progressDetail)];
  if (status === 'Downloading' && number(detail.total) > 0) {
    layers.set(id, { receivedBytes: number(detail.current), totalBytes: number(detail.total) });
    return true;
  }
  const layer = layers.get(id);
  if (status !== 'Download complete' || !layer) return false;
  layers.set(id, { ...layer, receivedBytes: layer.totalBytes });
  return true;
}

function sum(layers: Iterable<PullProgress>): PullProgress {
  const total = { receivedBytes: 0, totalBytes: 0 };
  for (const { receivedBytes, totalBytes } of layers) {
    total.receivedBytes += receivedBytes;
    total.totalBytes += totalBytes;
  }
  return total;
}

/** Without a tag the engine would pull every tag of the repository. */
export const withTag = (reference: string): string =>
  /[@:][^/]*$/.test(reference) ? reference : `${reference}:latest`;

export function pullFailed(reference: string, error: unknown): MonitorError {
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
