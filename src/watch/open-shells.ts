import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Engine, ExecOptions, ExecResult } from '../docker/engine.ts';
import { shellWord } from '../words.ts';

/**
 * The engine, with commands run by a shell that stays open in each container: Docker takes 60 ms and more to start a command
 * in a container (measured on 20.10), a shell in it less than one. Where no shell answers, the engine runs the command.
 */
export const withOpenShells = (engine: Engine): { engine: Engine; close: () => void } => {
  /** By container: those that run nothing now. */
  const idle = new Map<string, Duplex>();
  const exec: Engine['exec'] = async (container, command, options = {}) => {
    const shell = idle.get(container) ?? (await openShell(engine, container));
    idle.delete(container);
    const result = shell && options.stdin === undefined ? await runIn(shell, command, options) : undefined;
    if (shell === undefined || result === undefined) {
      shell?.destroy();
      return engine.exec(container, command, options);
    }
    idle.get(container)?.destroy();
    idle.set(container, shell);
    return result;
  };
  return {
    engine: { ...engine, exec },
    close: () => {
      for (const shell of idle.values()) shell.destroy();
    },
  };
};

/** None through a network, which may drop an idle connection without a word. */
const openShell = async (engine: Engine, container: string): Promise<Duplex | undefined> => {
  if (!engine.endpoint.local) return undefined;
  const shell = await engine.execStream(container, ['sh']).catch(() => undefined);
  // One that has ended shows when it is to run something.
  return shell?.on('error', () => {});
};

/** `undefined` where the shell ended first, with its container for instance. */
const runIn = (
  shell: Duplex,
  command: readonly string[],
  { timeoutMs = 30_000, binary = false }: ExecOptions,
): Promise<ExecResult | undefined> => {
  const mark = randomBytes(12).toString('hex');
  const end = Buffer.from(`\n${mark} end`);
  // What the command writes to stderr goes to the substitution, its stdout past it.
  const line = `{ e=$(${command.map(shellWord).join(' ')} </dev/null 2>&1 >&3 3>&-); } 3>&1; printf '\\n%s %d\\n%s\\n%s end' ${mark} $? "$e" ${mark}\n`;
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let tail = Buffer.alloc(0);
    const finish = (result?: ExecResult): void => {
      clearTimeout(timer);
      shell.off('data', take).off('close', onClose);
      resolve(result);
    };
    const onClose = (): void => finish();
    const take = (chunk: Buffer): void => {
      chunks.push(chunk);
      tail = Buffer.concat([tail, chunk]).subarray(-end.length);
      if (tail.equals(end)) finish(resultIn(Buffer.concat(chunks).toString(binary ? 'latin1' : 'utf8'), mark));
    };
    const timer = setTimeout(onClose, timeoutMs);
    shell.on('data', take).on('close', onClose);
    if (shell.destroyed) finish();
    else shell.write(line);
  });
};

const resultIn = (text: string, mark: string): ExecResult => {
  const begin = text.lastIndexOf(`\n${mark} `, text.length - mark.length - 6);
  const [code, ...stderr] = text.slice(begin + mark.length + 2, -mark.length - 5).split('\n');
  return { exitCode: Number(code), stdout: text.slice(0, begin), stderr: stderr.join('\n') };
};
