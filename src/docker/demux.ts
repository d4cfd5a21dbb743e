import { Buffer } from 'node:buffer';

export type StreamName = 'stdout' | 'stderr';
export type ChunkHandler = (stream: StreamName, chunk: Buffer) => void;

export interface Demux {
  write(chunk: Buffer): void;
  /** Hands out what was held back. */
  end(): void;
}

const HEADER_BYTES = 8;

/**
 * Splits what a container without a terminal writes into stdout and stderr: frames of `{stream, 0, 0, 0, length}`, the
 * length as 32 bits, big end first (Docker Engine API, "Attach to a container"). With a terminal there are no frames:
 * where the first bytes are no header, everything is stdout as it comes. A frame is handed out as its parts arrive.
 */
export function createDemux(onChunk: ChunkHandler): Demux {
  let held: Buffer = Buffer.alloc(0);
  let raw: boolean | undefined;
  let stream: StreamName = 'stdout';
  let rest = 0;

  const takeHeader = (): boolean => {
    if (held.length < HEADER_BYTES) return false;
    raw ??= !isHeader(held);
    if (raw) return true;
    stream = held[0] === 2 ? 'stderr' : 'stdout';
    rest = held.readUInt32BE(4);
    held = held.subarray(HEADER_BYTES);
    return true;
  };
  const takeBody = (): void => {
    const chunk = raw ? held : held.subarray(0, rest);
    held = held.subarray(chunk.length);
    rest -= chunk.length;
    if (chunk.length > 0) onChunk(stream, chunk);
  };

  return {
    write: (chunk) => {
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      while (held.length > 0) {
        if (!raw && rest <= 0 && !takeHeader()) return;
        takeBody();
      }
    },
    end: () => {
      if (held.length > 0 && (raw ?? !isHeader(held))) onChunk('stdout', held);
      held = Buffer.alloc(0);
    },
  };
}

const isHeader = (bytes: Buffer): boolean =>
  bytes.length >= HEADER_BYTES && (bytes[0] ?? 255) <= 2 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0;
