import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { asRecord, text } from '../json.ts';
import { type Call, onContainer } from './call.ts';
import { createBody } from './create-body.ts';
import { type ContainerFile, type Engine, EngineError, type FileStat } from './engine.ts';
import { toContainer, toContainerDetail } from './mapping.ts';
import { isGone, isSoAlready, shown, unless } from './refusals.ts';

/** How long the engine may take to kill a container after its grace, in milliseconds. */
const STOP_SLACK_MS = 15_000;

export function containerCalls(call: Call) {
  const on = onContainer(call);
  return {
    listContainers: async (labels = []) => {
      const options = { all: true, filters: { label: [...labels] } };
      return (await call('listing containers', ({ docker }) => docker.listContainers(options))).map(toContainer);
    },
    inspectContainer: async (idOrName) => {
      const answer = await unless(
        on('inspecting', idOrName, (container) => container.inspect()),
        isGone,
      );
      const detail = answer && toContainerDetail(answer);
      // The engine finds containers by the beginning of an id, too: `cafe` is not the container cafe12….
      const isMeant = detail?.name === idOrName || (idOrName.length >= 12 && detail?.id.startsWith(idOrName));
      return isMeant ? detail : undefined;
    },
    createContainer: async (spec) => {
      // Apart from each other: dockerode would put the whole body, with its passwords, into the query as well.
      const options = { name: spec.name, _query: { name: spec.name }, _body: createBody(spec) };
      return (await call(`creating container ${spec.name}`, ({ docker }) => docker.createContainer(options))).id;
    },
    attach: (id) =>
      on('attaching to', id, async (container) => {
        // With stdin alone, Docker 20.10 keeps the connection of a container that is gone.
        const stream = await container.attach({ stream: true, stdin: true, stdout: true, hijack: true });
        if (stream instanceof Duplex) return stream;
        throw new EngineError(0, 'the engine did not open a connection', {}, `attaching to container ${shown(id)}`);
      }),
    startContainer: (id) =>
      unless(
        on('starting', id, (container) => container.start()),
        isSoAlready,
      ),
    stopContainer: (id, graceSeconds) =>
      unless(
        on('stopping', id, (container) => container.stop({ t: graceSeconds }), {
          deadlineMs: graceSeconds * 1000 + STOP_SLACK_MS,
        }),
        (refusal) => isSoAlready(refusal) || isGone(refusal) || isUncleaned(refusal),
      ),
    waitContainer: (id, signal) =>
      call(
        `waiting for container ${shown(id)} to end`,
        async ({ docker, streams }) => {
          streams();
          const { StatusCode, Error: error } = await docker.getContainer(id).wait();
          if (typeof StatusCode === 'number') return StatusCode;
          throw new EngineError(0, `no exit code of container ${shown(id)}: ${JSON.stringify(error)}`);
        },
        { signal },
      ),
    removeContainer: (id) => {
      const remove = () => on('removing', id, (container) => container.remove({ v: true, force: true }));
      const removal = remove().catch((error: unknown) => {
        // It has ended now, and there is nothing left to clean up.
        if (error instanceof EngineError && isUncleaned(error)) return remove();
        throw error;
      });
      return unless(
        removal,
        (refusal) => isGone(refusal) || /removal of container .* is already in progress/.test(refusal.message),
      );
    },
    killContainer: async (id, signal) => {
      await on(`sending ${signal} to`, id, (container) => container.kill({ signal }));
    },
    putFiles: async (id, files) => {
      const archive = await packFiles(files);
      await on('putting files into', id, (container) => container.putArchive(archive, { path: '/' }));
    },
    statFile: async (id, path) => {
      const look = on<IncomingMessage>(`looking at ${path} in`, id, (container) => container.infoArchive({ path }));
      const answer = await unless(look, isGone);
      return answer && statOf(answer);
    },
  } satisfies Partial<Engine>;
}

/** Podman ends a container whose network is gone, and fails to take it off that network (seen with 5.8). */
const isUncleaned = ({ message }: EngineError): boolean => /removing container \S+ network: /.test(message);

/**
 * A tar of files for `PUT /containers/{id}/archive?path=/`. The engine makes the folders that are missing (root, 0755)
 * and leaves those that are there alone. A path that ends in `/` is a folder: so is the owner of a volume's root set.
 */
function packFiles(files: readonly ContainerFile[]): Promise<Buffer> {
  const archive = pack();
  for (const { path, content, mode, uid, gid, modified } of files) {
    const mtime = modified === undefined ? undefined : new Date(modified * 1000);
    const name = path.replace(/^\/+/, '');
    if (path.endsWith('/')) archive.entry({ name, mode, uid, gid, type: 'directory' });
    else archive.entry({ name, mode, uid, gid, mtime }, content);
  }
  archive.finalize();
  return buffer(archive);
}

/** What an answer of `HEAD /containers/{id}/archive` says of a path. */
function statOf(answer: IncomingMessage): FileStat | undefined {
  const stat = answer.headers['x-docker-container-path-stat'];
  if (typeof stat !== 'string') return undefined;
  const { size, mtime } = asRecord(JSON.parse(Buffer.from(stat, 'base64').toString()));
  const modified = Math.floor(Date.parse(text(mtime)) / 1000);
  return typeof size === 'number' && !Number.isNaN(modified) ? { size, modified } : undefined;
}
