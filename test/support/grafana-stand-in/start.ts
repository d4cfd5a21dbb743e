import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { type Answer, json } from './answer.ts';
import { type Authenticate, authenticator } from './auth.ts';
import { createMetrics } from './metrics.ts';
import { profiles, type StandInVersion } from './profile.ts';
import { type Call, type Context, findRoute, type Match } from './router.ts';
import { routes } from './routes/all.ts';
import { firstState, type Sessions } from './state.ts';
import { openOrCreateStore, sessionsFile, stateFile } from './store.ts';

export interface StandInOptions {
  readonly version: StandInVersion;
  /** The state lives here, and is made here at the first start. */
  readonly dataDir: string;
  /** Like the password, only read at the first start. Default `admin`. */
  readonly adminUser?: string | undefined;
  readonly adminPassword: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** Whether five wrong passwords lock a user for five minutes. Default true. */
  readonly bruteForceProtection?: boolean;
  /** Milliseconds since the epoch. Default the system's clock. */
  readonly now?: () => number;
  /** Gets a line for every request. Default none. */
  readonly log?: (line: string) => void;
}

export interface StandIn {
  readonly url: string;
  readonly port: number;
  /** Ends open connections too. */
  readonly close: () => Promise<void>;
}

/** Starts a stand-in for Grafana. @throws Error where the port is taken or the state cannot be read. */
export async function startStandIn(options: StandInOptions): Promise<StandIn> {
  const { adminUser = 'admin', adminPassword, host = '127.0.0.1', now = Date.now } = options;
  const profile = profiles[options.version];
  const store = openOrCreateStore(stateFile(options.dataDir), () => firstState(adminUser, adminPassword, now()));
  const sessions = openOrCreateStore<Sessions>(sessionsFile(options.dataDir), () => ({ formatVersion: 1, logins: {} }));
  const context: Context = { profile, store, sessions, now, metrics: createMetrics(profile) };
  const authenticate = authenticator(options.bruteForceProtection ?? true);
  const server = createServer((incoming, response) => {
    void serve(context, authenticate, incoming, response, options.log ?? (() => {}));
  });
  const port = await listen(server, options.port, host);
  return { url: `http://${host}:${port}`, port, close: () => close(server) };
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(
  context: Context,
  authenticate: Authenticate,
  incoming: IncomingMessage,
  response: ServerResponse,
  log: (line: string) => void,
): Promise<void> {
  const { method = '', url = '/' } = incoming;
  const mark = url.indexOf('?');
  const [path, search] = mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark)];
  const match = findRoute(routes, method, path);
  const answer = match
    ? await handle(context, authenticate, match, callOf(match, incoming, method, path, search)).catch(failed)
    : json(501, { message: `The Grafana stand-in does not know ${method} ${path}` });
  context.metrics.count(method, answer.status);
  log(`${method} ${path} ${answer.status}`);
  await send(response, answer).catch(() => response.destroy());
}

/** A fault of the stand-in itself, which says so instead of looking like one of Grafana's errors. */
function failed(error: unknown): Answer {
  const why = error instanceof Error ? error.message : String(error);
  return json(500, { message: `The Grafana stand-in failed: ${why}` });
}

function callOf(match: Match, incoming: IncomingMessage, method: string, path: string, search: string): Call {
  const readBody = () => readAll(incoming);
  return { method, path, search, query: new URLSearchParams(search), params: match.params, incoming, readBody };
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

async function handle(context: Context, authenticate: Authenticate, { route }: Match, call: Call): Promise<Answer> {
  if (route.access === 'public') return route.handle(context, call);
  const caller = authenticate(context, call.incoming.headers);
  if (caller.kind === 'refused') return caller.answer;
  return route.handle(context, call, caller.kind === 'user' ? caller.user : undefined);
}

async function send(response: ServerResponse, { status, headers, body }: Answer): Promise<void> {
  if (typeof body !== 'string') {
    response.writeHead(status, headers);
    return pipeline(body, response);
  }
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}
