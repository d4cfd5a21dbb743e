import { createServer, type IncomingMessage } from 'node:http';
import { requestSeconds, serveMetrics } from './metrics.ts';
import { API_PORT } from './ports.ts';

const MAX_BODY_BYTES = 10_000;

export interface Answer {
  /** The path with its variable parts named, so that each route is one series: `/events/:id`. */
  route: string;
  code: number;
  body: unknown;
}

/** Gives the answer to a request; `body` is its text. */
export type Handler = (method: string, path: string, body: string) => Answer | Promise<Answer>;

export const notFound = (message: string, route = 'other'): Answer => ({ route, code: 404, body: { error: message } });

/** A service of the demo: an API in JSON on one port, its metrics on another. Ends at once when it is told to. */
export const serve = (service: string, handle: Handler): void => {
  const seconds = requestSeconds(service);
  createServer(async (request, response) => {
    const stop = seconds.startTimer();
    const method = request.method ?? 'GET';
    const answer = await answerTo(request, method, handle);
    response.writeHead(answer.code, { 'content-type': 'application/json' }).end(`${JSON.stringify(answer.body)}\n`);
    stop({ method, route: answer.route, code: answer.code });
  }).listen(API_PORT, () => console.log(`${service} answers on port ${API_PORT}`));
  serveMetrics();
  // Process 1 of a container has no default for these.
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
};

const answerTo = async (request: IncomingMessage, method: string, handle: Handler): Promise<Answer> => {
  try {
    return await handle(method, request.url?.split('?')[0] ?? '/', await textOf(request));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { route: 'other', code: 500, body: { error: message } };
  }
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > MAX_BODY_BYTES) throw new Error(`a request may have ${MAX_BODY_BYTES} bytes`);
  }
  return text;
};
