import { StringDecoder } from 'node:string_decoder';
import { createDemux, type StreamName } from './demux.ts';
import type { LineHandler } from './engine.ts';

export interface LineSplitter {
  write(chunk: Buffer): void;
  /** Hands out a last line that has no newline. */
  end(): void;
}

/** Lines without their `\n` or `\r\n`; a character that is split over two chunks is kept whole. */
export function splitLines(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8');
  let open = '';
  return {
    write: (chunk) => {
      const [first = '', ...others] = decoder.write(chunk).split('\n');
      open += first;
      for (const next of others) {
        onLine(open.replace(/\r$/, ''));
        open = next;
      }
    },
    end: () => {
      open += decoder.end();
      if (open !== '') onLine(open.replace(/\r$/, ''));
      open = '';
    },
  };
}

/** The lines of a container's log, each when it is complete. */
export function splitLog(onLine: LineHandler): LineSplitter {
  const splitters: Record<StreamName, LineSplitter> = {
    stdout: splitLines((line) => onLine(line, 'stdout')),
    stderr: splitLines((line) => onLine(line, 'stderr')),
  };
  const demux = createDemux((stream, chunk) => splitters[stream].write(chunk));
  return {
    write: demux.write,
    end: () => {
      demux.end();
      splitters.stdout.end();
      splitters.stderr.end();
    },
  };
}
