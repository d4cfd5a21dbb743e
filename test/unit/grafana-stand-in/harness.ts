import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type StandIn, type StandInOptions, startStandIn } from '../../support/grafana-stand-in/start.ts';

export const password = 'right horse';

export function basicAuth(secret: string, login = 'admin'): string {
  return `Basic ${Buffer.from(`${login}:${secret}`).toString('base64')}`;
}

export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'grafana-stand-in-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A folder and a stand-in on it that both go with the test. */
export async function standInFor(options: Partial<StandInOptions>): Promise<StandIn & { dataDir: string }> {
  const folder = temporaryFolder();
  const dataDir = options.dataDir ?? folder.path;
  const standIn = await startStandIn({ version: '9.4', adminPassword: password, port: 0, ...options, dataDir });
  onTestFinished(async () => {
    await standIn.close();
    folder.remove();
  });
  return { ...standIn, dataDir };
}

export interface Request {
  readonly method?: string;
  readonly body?: unknown;
  /** The `Authorization` header; null sends none. Default the administrator's. */
  readonly authorization?: string | null;
}

export async function ask(standIn: StandIn, path: string, request: Request = {}) {
  const { method = 'GET', body, authorization = basicAuth(password) } = request;
  const response = await fetch(standIn.url + path, {
    method,
    headers: authorization === null ? {} : { authorization },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
}

/** What a request to the fake Prometheus carried. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  readonly authorization: string | undefined;
}

/** A Prometheus that gives one answer to everything and remembers what it was asked. */
export async function fakePrometheus(answer: string, status = 200, vary = 'Origin') {
  const seen: Seen[] = [];
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += chunk;
    const { method = '', url = '', headers } = incoming;
    seen.push({ method, url, body, authorization: headers.authorization });
    response.writeHead(status, { 'Content-Type': 'application/json', Vary: vary }).end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, seen, close };
}
