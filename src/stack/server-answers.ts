import { isServer, type Server } from '../config/servers.ts';
import { classify } from '../detect/classify.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { HttpError } from '../http.ts';
import type { ActiveTarget } from '../prometheus/client.ts';
import type { Session } from './session.ts';
import { type Answers, answerKey, isTarget } from './target-states.ts';

const TIMEOUT_MS = 2000;

/** What Prometheus and Grafana answer to a request for their metrics, as long as Prometheus has not scraped them itself. */
export const serverAnswers = async (
  { transports }: Pick<Session, 'transports'>,
  targets: readonly ScrapeTarget[],
  active: readonly ActiveTarget[],
): Promise<Answers> => {
  const unscraped = targets.filter(
    (target) => target.origin === 'stack' && !active.some((a) => a.lastScrape !== undefined && isTarget(a, target)),
  );
  const ask = async (server: Server) => {
    const start = performance.now();
    const request = { method: 'GET', path: '/metrics', timeoutMs: TIMEOUT_MS } as const;
    const { status, headers, body } = await transports[server](request);
    const seconds = (performance.now() - start) / 1000;
    return classify({
      status,
      contentType: headers['content-type'],
      body: Buffer.from(body),
      truncated: false,
      seconds,
    });
  };
  const answers = await Promise.all(
    unscraped.map(async (target) => {
      const verdict = isServer(target.job) ? await ask(target.job).catch(unlessUnanswered) : undefined;
      return verdict === undefined ? [] : [[answerKey(target), verdict] as const];
    }),
  );
  return new Map(answers.flat());
};

const unlessUnanswered = (error: unknown): undefined => {
  if (!(error instanceof HttpError)) throw error;
};
