import type { Container, Engine } from '../docker/engine.ts';
import type { ContainerEvidence } from './evidence.ts';
import { type Listener, readListeners } from './listeners.ts';
import type { Scene } from './scene.ts';

/** Lines of a log that are read to find the last one that says something. */
const LOG_LINES = 20;

/** A container as an inspect and the end of its log show it; `undefined` where it is gone by now. `now`: by the engine's clock. */
export const lookInto = async (
  engine: Engine,
  container: Container,
  now = Date.now(),
): Promise<ContainerEvidence | undefined> => {
  const [detail, lastLine] = await Promise.all([engine.inspectContainer(container.id), lastLineOf(engine, container)]);
  if (detail === undefined) return undefined;
  const started = Date.parse(detail.startedAt);
  const runs = detail.state === 'running' && Number.isFinite(started);
  return {
    name: detail.name,
    state: detail.state,
    exitCode: detail.exitCode,
    error: detail.error,
    oomKilled: detail.oomKilled,
    restartCount: detail.restartCount,
    networkMode: detail.networkMode,
    networks: detail.networks.map((n) => n.name),
    aliases: detail.networks.flatMap((n) => n.aliases.map((alias) => ({ network: n.name, alias }))),
    ports: container.ports,
    runningFor: runs ? Math.max(0, Math.round((now - started) / 1000)) : undefined,
    lastLine,
  };
};

/** Some log drivers cannot be read, which costs the line and nothing else. */
const lastLineOf = async (engine: Engine, { id }: Container): Promise<string | undefined> => {
  const lines = await engine.logs(id, LOG_LINES).catch((): string[] => []);
  return lines.findLast((line) => line.trim() !== '')?.trim();
};

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/** Asked of the container itself, and where its image has no `cat`, from a container in the same network. */
export const listenersOf = async (
  { engine, beside }: Pick<Scene, 'engine' | 'beside'>,
  container: Container,
): Promise<Listener[] | undefined> => {
  const command = ['cat', ...TABLES];
  // Without IPv6 there is no second table, and `cat` fails for that alone.
  const own = await engine.exec(container.id, command, { timeoutMs: 10_000 }).then(
    ({ stdout }) => stdout,
    () => '',
  );
  const text = own.includes('local_address') ? own : await beside?.(container.id, command);
  return text?.includes('local_address') ? readListeners(text) : undefined;
};
