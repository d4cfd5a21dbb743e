import { createServer, type Server, type ServerResponse } from 'node:http';

/** An object in a list of the API: a Pod, a Node. */
export interface Listed {
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** What is there, by the name that the API's paths have: `pods`, `nodes`. */
export type Lists = Readonly<Record<string, readonly Listed[]>>;

export interface ApiServer {
  /** Not listening yet: connections may be given to it, too. */
  server: Server;
  /** Tells those who watch what came, changed and went. */
  change(lists: Lists): void;
  close(): void;
}

const KINDS: Record<string, string> = { pods: 'Pod', nodes: 'Node' };

/**
 * As much of the Kubernetes API as Prometheus asks: list and watch of objects, all of them or those of a namespace, with
 * equality selectors of labels. Source: Kubernetes' "API Concepts", "Efficient detection of changes" and "Streaming lists".
 */
export const apiServer = (initial: Lists): ApiServer => {
  let lists = initial;
  let version = 1;
  const watching = new Set<Watch>();
  const server = createServer(({ url = '' }, response) => {
    const request = readRequest(url);
    if (request === undefined) {
      response.writeHead(404, JSON_TYPE).end('{"kind":"Status","apiVersion":"v1","status":"Failure","code":404}');
      return;
    }
    const found = selected(lists, request);
    response.writeHead(200, JSON_TYPE);
    if (!request.watch) {
      const metadata = { resourceVersion: `${version}` };
      response.end(JSON.stringify({ kind: `${request.kind}List`, apiVersion: 'v1', metadata, items: found }));
      return;
    }
    const watch = { request, response };
    watching.add(watch);
    response.on('close', () => watching.delete(watch));
    response.flushHeaders();
    if (!request.initial) return;
    for (const object of found) send(watch, 'ADDED', object, version);
    send(watch, 'BOOKMARK', { metadata: { name: '', annotations: { 'k8s.io/initial-events-end': 'true' } } }, version);
  });
  server.keepAliveTimeout = 0;
  return {
    server,
    change: (next) => {
      const before = lists;
      lists = next;
      version += 1;
      for (const watch of watching) {
        const [old, now] = [before, next].map((all) => new Map(selected(all, watch.request).map((o) => [keyOf(o), o])));
        for (const [key, object] of now ?? []) {
          const known = old?.get(key);
          if (known === undefined) send(watch, 'ADDED', object, version);
          else if (JSON.stringify(known) !== JSON.stringify(object)) send(watch, 'MODIFIED', object, version);
        }
        for (const [key, object] of old ?? []) if (now?.has(key) !== true) send(watch, 'DELETED', object, version);
      }
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};

const JSON_TYPE = { 'content-type': 'application/json' };

interface Watch {
  request: ListRequest;
  response: ServerResponse;
}

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

const keyOf = ({ metadata: { namespace, name } }: Listed): string => `${namespace}/${name}`;

const send = ({ request, response }: Watch, type: string, object: Listed, version: number): void => {
  const metadata = { ...object.metadata, resourceVersion: `${version}` };
  response.write(
    `${JSON.stringify({ type, object: { ...object, kind: request.kind, apiVersion: 'v1', metadata } })}\n`,
  );
};
