import type { Endpoint as EngineEndpoint } from '../docker/engine.ts';
import { directTransport, HttpError } from '../http.ts';
import { plural } from '../words.ts';
import { type DetectedRow, isRowOf } from './assemble.ts';
import { classify } from './classify.ts';
import { splitAddress } from './place.ts';
import type { Candidate } from './types.ts';

/** Milliseconds. */
const HOST_TIMEOUT_MS = 2000;

/**
 * Before Prometheus runs, this machine asks the ports that are published on it, and adds what it heard to the reasons:
 * a hint, no more, since it is not from where Prometheus will stand.
 */
export const askFromHost = (
  { local }: Pick<EngineEndpoint, 'local'>,
  candidates: readonly Candidate[],
  rows: readonly DetectedRow[],
): Promise<DetectedRow[]> =>
  Promise.all(
    rows.map(async (row) => {
      const candidate = row.verdict === 'to-be-asked' ? candidates.find((c) => isRowOf(row, c)) : undefined;
      const address = candidate === undefined ? undefined : publishedAddress(candidate);
      if (!local || candidate === undefined || address === undefined) return row;
      return { ...row, reason: `${row.reason}; on ${address} it ${await hear(address, candidate)}` };
    }),
  );

const publishedAddress = ({ container, port }: Candidate): string | undefined => {
  const found = container.ports.find((p) => p.privatePort === port && p.publicPort !== undefined);
  const isAny = [undefined, '0.0.0.0', '::'].includes(found?.hostIp);
  return found && `${isAny ? '127.0.0.1' : found.hostIp}:${found.publicPort}`;
};

const hear = async (address: string, { scheme, metrics_path }: Candidate): Promise<string> => {
  if (scheme === 'https') return 'was not asked (https)';
  const { host, port } = splitAddress(address);
  try {
    const transport = directTransport(host, Number(port));
    const request = { method: 'GET', path: metrics_path, timeoutMs: HOST_TIMEOUT_MS } as const;
    const { status, headers, body } = await transport(request);
    const verdict = classify({
      status,
      body: Buffer.from(body),
      truncated: false,
      contentType: headers['content-type'],
      contentEncoding: headers['content-encoding'],
      authenticate: headers['www-authenticate'],
    });
    return verdict.ok ? `answers with ${plural(verdict.metrics, 'metric')}` : verdict.reason;
  } catch (error) {
    if (error instanceof HttpError) return `gives no answer (${error.message})`;
    throw error;
  }
};
