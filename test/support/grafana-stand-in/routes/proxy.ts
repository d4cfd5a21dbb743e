import { type ClientRequest, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Answer, type HeaderValues, json, noSuchRoute } from '../answer.ts';
import { credentialsFor, targetUrl } from '../datasource.ts';
import { type Call, type Context, type Handler, type Route, route } from '../router.ts';
import type { StoredDatasource } from '../state.ts';
import { byId, byUid, noSuchDatasource } from './datasources.ts';

const idleTimeoutMs = 30_000;

/** Only for one hop, or about the caller's own standing with us. The length goes, as the recorded answers are chunked. */
const notForwarded = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding'],
  ...['upgrade', 'host', 'authorization', 'cookie', 'set-cookie', 'date', 'expect'],
]);

export const proxyRoutes: readonly Route[] = ['GET', 'POST'].flatMap((method) => [
  route(method, '/api/datasources/proxy/uid/:uid/*', proxyByUid),
  route(method, '/api/datasources/proxy/:id/*', proxyById),
]);

function proxyByUid(...[context, call]: Parameters<Handler>): Answer | Promise<Answer> {
  if (!context.profile.datasourceByUid) return noSuchRoute();
  return proxy(context, call, context.store.read().datasources.find(byUid(call.params.uid)));
}

function proxyById(...[context, call]: Parameters<Handler>): Answer | Promise<Answer> {
  if (!context.profile.datasourceByNumericId) return noSuchRoute();
  return proxy(context, call, context.store.read().datasources.find(byId(call.params.id)));
}

async function proxy({ profile }: Context, call: Call, datasource: StoredDatasource | undefined): Promise<Answer> {
  if (!datasource) return noSuchDatasource();
  try {
    const upstream = await forward(call, datasource);
    const headers = {
      ...answerHeaders(upstream),
      ...(profile.proxySandboxed ? sandbox : {}),
      ...(profile.unifiedStorage ? via : {}),
    };
    return { status: upstream.statusCode ?? 502, headers, body: upstream };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return json(502, { message: `${datasource.name} (${datasource.url}) cannot be reached: ${why}` });
  }
}

/** Recorded from 12.4.3. */
const via = { Via: '1.1 grafana' };

/** Recorded from 9.4. */
const sandbox = { 'Content-Security-Policy': 'sandbox' };

/** Sends the call on, body and all, and resolves with the answer's head; its body is still to come. */
function forward(call: Call, datasource: StoredDatasource): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const upstream = open(call, datasource);
    upstream.on('response', resolve);
    upstream.on('error', reject);
    upstream.on('timeout', () => upstream.destroy(new Error(`no answer within ${idleTimeoutMs / 1000}s`)));
    call.incoming.on('aborted', () => upstream.destroy());
    call.incoming.pipe(upstream);
  });
}

function open(call: Call, datasource: StoredDatasource): ClientRequest {
  const base = targetUrl(datasource);
  const path = `${base.pathname.replace(/\/+$/, '')}/${call.params.rest ?? ''}${call.search}`;
  const headers = requestHeaders(call.incoming, datasource);
  const options = { method: call.method, path, headers, timeout: idleTimeoutMs };
  return base.protocol === 'https:' ? httpsRequest(base, options) : httpRequest(base, options);
}

function requestHeaders(incoming: IncomingMessage, datasource: StoredDatasource): OutgoingHttpHeaders {
  const kept = Object.entries(incoming.headers).filter(([name]) => !notForwarded.has(name));
  const authorization = credentialsFor(datasource);
  return { ...Object.fromEntries(kept), ...(authorization ? { authorization } : {}) };
}

function answerHeaders(upstream: IncomingMessage): HeaderValues {
  const headers: HeaderValues = {};
  for (const [name, value] of Object.entries(upstream.headers)) {
    if (value !== undefined && name !== 'content-length' && !notForwarded.has(name)) headers[name] = value;
  }
  return headers;
}
