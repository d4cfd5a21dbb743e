import { isServer } from '../config/servers.ts';
import { classify, type Verdict } from '../detect/classify.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { HttpError, type Transport } from '../http.ts';
import type { ActiveTarget } from '../prometheus/client.ts';
import type { Session } from './session.ts';
import { type Answers, answerKey, isTarget } from './target-states.ts';

const TIMEOUT_MS = 2000;

/** What Prometheus and Grafana answer to a request for their metrics, until Prometheus has scraped them itself. */
export const serverAnswers = async (
  { transports }: Pick<Session, 'transports'>,
  targets: readonly ScrapeTarget[],
  active: readonly ActiveTarget[],
): Promise<Answers> => {
  const unscraped = targets.filter(
    (target) => target.origin === 'stack' && !active.some((a) => a.health === 'up' && isTarget(a, target)),
  );
  const answers = unscraped.map(async (target): Promise<[string, Verdict][]> => {
    const verdict = isServer(target.job) ? await ask(transports[target.job]).catch(unlessUnanswered) : undefined;
    return verdict === undefined ? [] : [[answerKey(target), verdict]];
  });
  return new Map((await Promise.all(answers)).flat());
};

const ask = async (transport: Transport): Promise<Verdict> => {
  const start = performance.now();
  const { status, headers, body } = await transport({ method: 'GET', path: '/metrics', timeoutMs: TIMEOUT_MS });
  const seconds = (performance.now() - start) / 1000;
  return classify({
    status,
    contentType: headers['content-type'],
    body: Buffer.from(body),
    truncated: false,
    seconds,
  });
};

const unlessUnanswered = (error: unknown): undefined => {
  if (!(error instanceof HttpError)) throw error;
};
