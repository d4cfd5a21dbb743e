import { request } from 'node:http';
import { tryRun } from './run.ts';

export const DEFAULT_SOCKET = '/var/run/docker.sock';
export const DEFAULT_HOST = `unix://${DEFAULT_SOCKET}`;
const PING_TIMEOUT_MS = 5000;

/** The engine the docker CLI would use: DOCKER_HOST, else the current context, else the default socket. */
export async function engineAddress(): Promise<string> {
  if (process.env.DOCKER_HOST) return process.env.DOCKER_HOST;
  const context = await tryRun('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}']);
  return (context.code === 0 && context.stdout.trim()) || DEFAULT_HOST;
}

/** Undefined when the engine answers, else why it does not. */
export async function whyNoAnswer(host: string): Promise<string | undefined> {
  if (host.startsWith('unix://')) return pingSocket(host.slice('unix://'.length));
  const version = await tryRun('docker', ['--host', host, 'version', '--format', '{{.Server.Version}}']);
  return version.code === 0 ? undefined : version.output.trim();
}

/** `GET /_ping`, which every engine answers without a version in the path. */
function pingSocket(socketPath: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const ping = request({ socketPath, path: '/_ping', timeout: PING_TIMEOUT_MS }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode === 200 ? undefined : `HTTP ${response.statusCode}`));
    });
    ping.on('timeout', () => ping.destroy(new Error(`no answer within ${PING_TIMEOUT_MS / 1000} s`)));
    ping.on('error', (error) => resolve(error.message));
    ping.end();
  });
}
