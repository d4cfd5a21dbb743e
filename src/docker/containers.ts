import type { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { packFiles, statOf } from './archive.ts';
import type { Call } from './call.ts';
import { createBody } from './create-body.ts';
import {
  type ContainerFile,
  type CreateContainer,
  type Engine,
  EngineError,
  type ExecOptions,
  type FileStat,
} from './engine.ts';
import { converse, exitCodeOf, isMissingProgram } from './exec.ts';
import { toContainer, toContainerDetail } from './mapping.ts';
import { found, isCalled, isGone, shown, unless } from './refusals.ts';

/** How long the engine may take to kill a container after its grace, in milliseconds. */
const STOP_SLACK_MS = 15_000;

export function containerCalls(call: Call) {
  return {
    listContainers: async (labels = []) => {
      const options = { all: true, filters: { label: [...labels] } };
      const rows = await call('listing containers', ({ docker }) => docker.listContainers(options));
      return rows.map(toContainer);
    },
    inspectContainer: async (idOrName) => {
      const doing = `inspecting container ${shown(idOrName)}`;
      const answer = await found(call(doing, ({ docker }) => docker.getContainer(idOrName).inspect()));
      const detail = answer && toContainerDetail(answer);
      return detail && isCalled(idOrName, detail) ? detail : undefined;
    },
    createContainer: (spec) => create(call, spec),
    attach: async (id) => {
      const options = { stream: true, stdin: true, hijack: true };
      const doing = `attaching to container ${shown(id)}`;
      const stream = await call(doing, ({ docker }) => docker.getContainer(id).attach(options));
      if (stream instanceof Duplex) return stream;
      throw new EngineError(0, 'the engine did not open a connection', {}, doing);
    },
    startContainer: (id) =>
      unless(
        call(`starting container ${shown(id)}`, ({ docker }) => docker.getContainer(id).start()),
        ({ status }) => status === 304,
      ),
    stopContainer: (id, graceSeconds) =>
      unless(
        call(`stopping container ${shown(id)}`, ({ docker }) => docker.getContainer(id).stop({ t: graceSeconds }), {
          deadlineMs: graceSeconds * 1000 + STOP_SLACK_MS,
        }),
        (refusal) => refusal.status === 304 || isUncleaned(refusal),
      ),
    waitContainer: (id, signal) => wait(call, id, signal),
    removeContainer: (id) => remove(call, id),
    killContainer: async (id, signal) => {
      const doing = `sending ${signal} to container ${shown(id)}`;
      await call(doing, ({ docker }) => docker.getContainer(id).kill({ signal }));
    },
    putFiles: (id, files) => putFiles(call, id, files),
    statFile: (id, path) => statFile(call, id, path),
    exec: (id, command, options = {}) => exec(call, id, command, options),
  } satisfies Partial<Engine>;
}

async function remove(call: Call, id: string): Promise<void> {
  const once = () =>
    call(`removing container ${shown(id)}`, ({ docker }) => docker.getContainer(id).remove({ v: true, force: true }));
  const removal = once().catch((error: unknown) => {
    // It has ended now, and there is nothing left to clean up.
    if (error instanceof EngineError && isUncleaned(error)) return once();
    throw error;
  });
  await unless(
    removal,
    (refusal) => isGone(refusal) || /removal of container .* is already in progress/.test(refusal.message),
  );
}

/** Podman ends a container whose network is gone, and fails to take it off that network (seen with 5.8). */
const isUncleaned = ({ message }: EngineError): boolean => /removing container \S+ network: /.test(message);

async function create(call: Call, spec: CreateContainer): Promise<string> {
  // Apart from each other: dockerode would put the whole body, with its passwords, into the query as well.
  const options = { name: spec.name, _query: { name: spec.name }, _body: createBody(spec) };
  const { id } = await call(`creating container ${spec.name}`, ({ docker }) => docker.createContainer(options));
  return id;
}

function wait(call: Call, id: string, signal: AbortSignal | undefined): Promise<number> {
  const doing = `waiting for container ${shown(id)} to end`;
  return call(
    doing,
    async ({ docker, streams }) => {
      streams();
      const { StatusCode, Error: error } = await docker.getContainer(id).wait();
      if (typeof StatusCode === 'number') return StatusCode;
      throw new EngineError(0, `no exit code of container ${shown(id)}: ${JSON.stringify(error)}`);
    },
    { signal },
  );
}

async function putFiles(call: Call, id: string, files: readonly ContainerFile[]): Promise<void> {
  const archive = await packFiles(files);
  const doing = `putting files into container ${shown(id)}`;
  await call(doing, ({ docker }) => docker.getContainer(id).putArchive(archive, { path: '/' }));
}

async function statFile(call: Call, id: string, path: string): Promise<FileStat | undefined> {
  const doing = `looking at ${path} in container ${shown(id)}`;
  const look = call<IncomingMessage>(doing, ({ docker }) => docker.getContainer(id).infoArchive({ path }));
  const answer = await found(look);
  return answer && statOf(answer);
}

async function exec(call: Call, id: string, command: readonly string[], options: ExecOptions) {
  const { stdin, timeoutMs } = options;
  const encoding = options.binary === true ? 'latin1' : 'utf8';
  const doing = `running ${command[0]} in container ${shown(id)}`;
  const body = {
    Cmd: [...command],
    AttachStdin: stdin !== undefined,
    AttachStdout: true,
    AttachStderr: true,
  };
  try {
    return await call(
      doing,
      async ({ docker, signal }) => {
        const created = await docker.getContainer(id).exec(body);
        const connection = await created.start({ hijack: true, stdin: stdin !== undefined });
        const output = await converse(connection, stdin, encoding, signal);
        return { ...output, exitCode: await exitCodeOf(created, signal) };
      },
      { deadlineMs: timeoutMs },
    );
  } catch (error) {
    if (!(error instanceof EngineError && error.status >= 400 && isMissingProgram(error.message))) throw error;
    return { exitCode: 127, stdout: '', stderr: error.message };
  }
}
