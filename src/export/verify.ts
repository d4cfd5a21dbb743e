import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '../docker/engine.ts';
import { MonitorError } from '../errors.ts';
import { tunnelTransport } from '../http.ts';
import { type ActiveTarget, type PrometheusClient, prometheusClient } from '../prometheus/client.ts';
import { withThrowaway } from '../stack/throwaway.ts';
import { apiServer, type Lists } from './api-server.ts';

/** A configuration to run, and what it is to find. */
export interface VerifiedConfig {
  /** By their paths in the container; the first one is Prometheus's own. */
  files: readonly { path: string; content: string }[];
  /** How many targets there are once all are found. */
  expected: number;
}

/** Milliseconds until a Prometheus lists all that it finds: some 6 s where it holds discovery back, as before 3.12. */
const PATIENCE_MS = 25_000;
const FIRST_API_PORT = 16_443;

/** A container in which Prometheus can be run beside an API server of Kubernetes. */
interface Bench {
  container: string;
  api: Server;
  /** Starts another Prometheus; its files have their paths in the container, the first one is its configuration. */
  start(files: VerifiedConfig['files']): Promise<RunningPrometheus>;
}

interface RunningPrometheus {
  client: PrometheusClient;
  log(): Promise<string>;
}

/** A container of the image without a network, removed again after `work`. Kubernetes' API is what `lists` says. */
export const withBench = <T>(
  engine: Engine,
  { image, stack }: { image: string; stack: string },
  lists: Lists,
  work: (bench: Bench) => Promise<T>,
): Promise<T> =>
  withThrowaway(engine, { stack, image, network: 'none' }, async (container) => {
    const api = apiServer(lists);
    const ended = new AbortController();
    let started = 0;
    const start = (files: VerifiedConfig['files']): Promise<RunningPrometheus> => {
      const port = 9090 + started;
      const { placed, apiPorts } = withApi(files, FIRST_API_PORT + 100 * started);
      started += 1;
      for (const apiPort of apiPorts) void serve(engine, container, apiPort, api, ended.signal);
      return runIn(engine, container, placed, port);
    };
    try {
      return await work({ container, api, start });
    } finally {
      ended.abort();
    }
  });

/** Discovery, which outside of a cluster needs the address of an API server: the one difference from what is exported. */
const DISCOVERY = /(kubernetes_sd_configs:\n *)- (role: \w+\n)( *)/g;

/** The files with an address of the API, on a port of its own, in each discovery. */
const withApi = (files: VerifiedConfig['files'], firstPort: number) => {
  const apiPorts: number[] = [];
  const placed = files.map(({ path, content }) => ({
    path,
    content: content.replaceAll(DISCOVERY, (_, before: string, role: string, indent: string) => {
      const item = ' '.repeat(before.length - before.lastIndexOf('\n') - 1);
      const port = firstPort + apiPorts.length;
      apiPorts.push(port);
      return `${before}- ${role}${item}  api_server: http://127.0.0.1:${port}\n${indent}`;
    }),
  }));
  return { placed, apiPorts };
};

/**
 * Connections in the container, one after the other, brought here by `nc`: so it works on every engine, also where the
 * container cannot reach this process. Each discovery has one connection, and hence a port of its own.
 */
const serve = async (
  engine: Engine,
  container: string,
  port: number,
  api: Server,
  ended: AbortSignal,
): Promise<void> => {
  while (!ended.aborted) {
    const connection = await engine.execStream(container, ['nc', '-l', '-p', `${port}`]).catch(() => undefined);
    if (connection === undefined) return;
    connection.on('error', () => connection.destroy());
    const closed = new Promise<void>((resolve) => connection.once('close', resolve));
    const stop = () => connection.destroy();
    ended.addEventListener('abort', stop, { once: true });
    if (ended.aborted) stop();
    api.emit('connection', connection);
    await closed;
    ended.removeEventListener('abort', stop);
  }
};

const runIn = async (
  engine: Engine,
  container: string,
  files: VerifiedConfig['files'],
  port: number,
): Promise<RunningPrometheus> => {
  await engine.putFiles(
    container,
    files.map(({ path, content }) => ({ path, content, mode: 0o644, uid: 0, gid: 0 })),
  );
  await engine.exec(container, ['sh', '-c', START, 'start', files[0]?.path ?? '', `${port}`]);
  return {
    client: prometheusClient(tunnelTransport(() => engine.execStream(container, ['nc', '127.0.0.1', `${port}`]))),
    log: async () => (await engine.exec(container, ['tail', '-n', '10', `/tmp/${port}.log`])).stdout,
  };
};

/** What a Prometheus lists once that are as many as `expected`. Fails with `verify-failed` where it does not start. */
export const allTargets = async (
  { client, log }: RunningPrometheus,
  expected: number,
  signal: AbortSignal,
): Promise<ActiveTarget[]> => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const targets = await client.targets().catch(() => undefined);
    if (targets !== undefined && (targets.length >= expected || Date.now() > deadline)) return targets;
    if (Date.now() > deadline) throw notStarted(await log());
    await sleep(200, undefined, { signal });
  }
};

/**
 * Before 2.36 Prometheus does not know the flag that makes targets appear soon, and ends at once. The engine ends the command
 * only once nothing holds its output open.
 */
const START = `
run() { /bin/prometheus --config.file="$1" --storage.tsdb.path="/tmp/$2" --web.listen-address="127.0.0.1:$2" $3 >"/tmp/$2.log" 2>&1; }
{ run "$1" "$2" --scrape.discovery-reload-interval=100ms || run "$1" "$2"; } >/dev/null 2>&1 &`;

const notStarted = (log: string): MonitorError =>
  new MonitorError({
    code: 'verify-failed',
    message: 'Prometheus does not start with the exported configuration',
    detail: log.trim().split('\n'),
    suggestion: 'correct monitor.yml where its log says, and run the command again',
  });
