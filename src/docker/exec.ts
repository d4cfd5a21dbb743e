import { addAbortSignal, Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Exec } from 'dockerode';
import { type Call, onContainer } from './call.ts';
import { type Engine, EngineError, type ExecResult } from './engine.ts';
import { createDemux, readInto } from './lines.ts';

const STDERR_LIMIT = 4096;

/** Commands that run in a container. */
export function execCalls(call: Call) {
  const on = onContainer(call);
  const body = (command: readonly string[], AttachStdin: boolean) => ({
    Cmd: [...command],
    AttachStdin,
    AttachStdout: true,
    AttachStderr: true,
  });
  return {
    exec: (id, command, { stdin, timeoutMs, binary = false } = {}) =>
      on(
        `running ${command[0]} in`,
        id,
        async (container, { signal }) => {
          const exec = await container.exec(body(command, stdin !== undefined));
          const connection = await exec.start({ hijack: true, stdin: stdin !== undefined });
          const output = await converse(connection, stdin, binary ? 'latin1' : 'utf8', signal);
          return { ...output, exitCode: await exitCodeOf(exec, signal) };
        },
        { deadlineMs: timeoutMs },
      ).catch((error: unknown) => {
        if (!(error instanceof EngineError && error.status >= 400 && isMissingProgram(error.message))) throw error;
        return { exitCode: 127, stdout: '', stderr: error.message };
      }),
    execStream: (id, command) =>
      on(`running ${command[0]} in`, id, async (container) => {
        const exec = await container.exec(body(command, true));
        return asStream(await exec.start({ hijack: true, stdin: true }));
      }),
  } satisfies Partial<Engine>;
}

/** Gives a running command its stdin and gathers what it writes, to its end. `signal` drops the connection. */
async function converse(
  connection: Duplex,
  stdin: string | undefined,
  encoding: BufferEncoding,
  signal: AbortSignal,
): Promise<Omit<ExecResult, 'exitCode'>> {
  const written: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
  const demux = createDemux((stream, chunk) => written[stream].push(chunk));
  addAbortSignal(signal, connection);
  if (stdin !== undefined) connection.end(stdin);
  await readInto(demux, connection);
  const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString(encoding);
  return { stdout: text(written.stdout), stderr: text(written.stderr) };
}

/** The command's exit code, which the engine may know only a moment after the output has ended. */
async function exitCodeOf(exec: Exec, signal: AbortSignal): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt++) {
    const { Running, ExitCode } = await exec.inspect();
    if (!Running && typeof ExitCode === 'number') return ExitCode;
    await sleep(50, undefined, { signal });
  }
  throw new EngineError(0, 'the command closed its output and still runs');
}

/** How engines say that a program is not in the image (runc's and crun's words). */
export const isMissingProgram = (words: string): boolean =>
  /executable file .*not found|no such file or directory|OCI runtime exec failed/i.test(words);

/**
 * stdin and stdout of a running command as one stream. When the command says why it failed and writes nothing else,
 * the stream fails with these words instead of ending.
 */
function asStream(connection: Duplex): Duplex {
  let stderr = '';
  let anything = false;
  const onChunk = (name: 'stdout' | 'stderr', chunk: Buffer) => {
    if (name === 'stderr' || (!anything && isRuntimeFailure(chunk))) {
      stderr = (stderr + chunk).slice(-STDERR_LIMIT);
      return;
    }
    anything = true;
    if (!stream.push(chunk)) connection.pause();
  };
  const demux = createDemux(onChunk);
  const stream = new Duplex({
    read: () => void connection.resume(),
    write: (chunk, encoding, done) => void connection.write(chunk, encoding, (error) => done(error)),
    final: (done) => void connection.end(() => done()),
    destroy: (error, done) => {
      connection.destroy();
      done(error);
    },
  });
  connection.on('data', demux.write);
  connection.on('error', (error) => stream.destroy(error));
  connection.on('end', () => {
    demux.end();
    if (stderr && !anything) stream.destroy(new EngineError(0, stderr.trim()));
    else stream.push(null);
  });
  connection.on('close', () => {
    if (!stream.readableEnded && !connection.readableEnded) stream.destroy();
  });
  return stream;
}

/** A program that is not in the image: the engine says so on stdout (seen with 20.10). */
const isRuntimeFailure = (chunk: Buffer): boolean =>
  chunk.subarray(0, 24).toString().startsWith('OCI runtime exec failed');
