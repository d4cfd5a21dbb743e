import { Buffer } from 'node:buffer';
import { StringDecoder } from 'node:string_decoder';
import type { LineHandler } from './engine.ts';

type StreamName = 'stdout' | 'stderr';

/** Takes bytes as they come, and hands out what it is for. */
export interface Splitter {
  write(chunk: Buffer): void;
  /** Hands out what was held back, such as a last line that has no newline. */
  end(): void;
}

/** All that a stream has, to its end. */
export async function readInto(splitter: Splitter, source: AsyncIterable<string | Buffer> | Buffer[]): Promise<void> {
  for await (const chunk of source) splitter.write(Buffer.from(chunk));
  splitter.end();
}

const HEADER_BYTES = 8;

/**
 * Splits what a container without a terminal writes into stdout and stderr: frames of `{stream, 0, 0, 0, length}`, the
 * length as 32 bits, big end first (Docker Engine API, "Attach to a container"). With a terminal there are no frames:
 * where the first bytes are no header, everything is stdout as it comes. A frame is handed out as its parts arrive.
 */
export function createDemux(onChunk: (stream: StreamName, chunk: Buffer) => void): Splitter {
  let held: Buffer = Buffer.alloc(0);
  let stream: StreamName = 'stdout';
  let rest = 0;
  let hasFrames = false;
  return {
    write: (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      while (held.length > 0) {
        if (rest === 0) {
          if (held.length < HEADER_BYTES) return;
          hasFrames = isHeader(held);
          stream = hasFrames && held[0] === 2 ? 'stderr' : 'stdout';
          rest = hasFrames ? held.readUInt32BE(4) : Number.POSITIVE_INFINITY;
          held = held.subarray(hasFrames ? HEADER_BYTES : 0);
        }
        const body = held.subarray(0, rest);
        held = held.subarray(body.length);
        rest -= body.length;
        if (body.length > 0) onChunk(stream, body);
      }
    },
    end: () => {
      if (held.length > 0 && !hasFrames) onChunk('stdout', held);
      held = Buffer.alloc(0);
    },
  };
}

const isHeader = (bytes: Buffer): boolean =>
  bytes.length >= HEADER_BYTES && (bytes[0] ?? 255) <= 2 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0;

/** Lines without their `\n` or `\r\n`; a character that is split over two chunks is kept whole. */
export function splitLines(onLine: (line: string) => void): Splitter {
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
export function splitLog(onLine: LineHandler): Splitter {
  const splitters: Record<StreamName, Splitter> = {
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
