import { createServer, type Server } from 'node:http';

/** An object in a list of the API: a Pod, a Node. */
export interface Listed {
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** What is there, by the name that the API's paths have: `pods`, `nodes`. */
export type Lists = Readonly<Record<string, readonly Listed[]>>;

const KINDS: Record<string, string> = { pods: 'Pod', nodes: 'Node' };

/** Nothing changes while it serves. */
const VERSION = '1';

/**
 * As much of the Kubernetes API as Prometheus asks: list and watch of objects, all of them or those of a namespace, with
 * equality selectors of labels. Source: Kubernetes' "API Concepts", "Efficient detection of changes" and "Streaming lists".
 * It does not listen: connections are given to it.
 */
export const apiServer = (lists: Lists): Server => {
  const server = createServer(({ url = '' }, response) => {
    const request = readRequest(url);
    if (request === undefined) {
      response.writeHead(404, JSON_TYPE).end('{"kind":"Status","apiVersion":"v1","status":"Failure","code":404}');
      return;
    }
    const { kind } = request;
    const items = selected(lists, request);
    response.writeHead(200, JSON_TYPE);
    if (!request.watch) {
      const metadata = { resourceVersion: VERSION };
      response.end(JSON.stringify({ kind: `${kind}List`, apiVersion: 'v1', metadata, items }));
      return;
    }
    response.flushHeaders();
    if (!request.initial) return;
    for (const item of items) response.write(watchEvent('ADDED', kind, item));
    const end = { metadata: { name: '', annotations: { 'k8s.io/initial-events-end': 'true' } } };
    response.write(watchEvent('BOOKMARK', kind, end));
  });
  server.keepAliveTimeout = 0;
  return server;
};

const JSON_TYPE = { 'content-type': 'application/json' };

interface ListRequest {
  resource: string;
  kind: string;
  namespace: string | undefined;
  labels: string[][];
  watch: boolean;
  initial: boolean;
}

const readRequest = (url: string): ListRequest | undefined => {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const [, namespace, resource = ''] = /^\/api\/v1\/(?:namespaces\/([^/]+)\/)?(\w+)$/.exec(pathname) ?? [];
  const kind = KINDS[resource];
  if (kind === undefined) return undefined;
  const selector = searchParams.get('labelSelector') ?? '';
  return {
    resource,
    kind,
    namespace,
    labels: selector === '' ? [] : selector.split(',').map((one) => one.split('=')),
    watch: ['1', 'true'].includes(searchParams.get('watch') ?? ''),
    initial: searchParams.get('sendInitialEvents') === 'true',
  };
};

const selected = (lists: Lists, { resource, namespace, labels }: ListRequest): Listed[] =>
  (lists[resource] ?? []).filter(
    ({ metadata }) =>
      (namespace === undefined || metadata.namespace === namespace) &&
      labels.every(([key = '', value]) => metadata.labels?.[key] === value),
  );

export const watchEvent = (type: 'ADDED' | 'DELETED' | 'BOOKMARK', kind: string, object: Listed): string => {
  const metadata = { ...object.metadata, resourceVersion: VERSION };
  return `${JSON.stringify({ type, object: { ...object, kind, apiVersion: 'v1', metadata } })}\n`;
};
