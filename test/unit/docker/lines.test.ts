import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDemux, splitLines, splitLog } from '../../../src/docker/lines.ts';

function frame(stream: 1 | 2, content: string): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
}

function pieces(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const result: Buffer[] = [];
  let rest = bytes;
  for (const size of sizes) {
    result.push(rest.subarray(0, size));
    rest = rest.subarray(size);
  }
  return [...result, rest].filter((piece) => piece.length > 0);
}

function log(chunks: readonly Buffer[]): string[] {
  const lines: string[] = [];
  const splitter = splitLog((line, stream) => lines.push(`${stream}: ${line}`));
  for (const chunk of chunks) splitter.write(chunk);
  splitter.end();
  return lines;
}

const frames = fc.array(fc.tuple(fc.constantFrom<1 | 2>(1, 2), fc.string({ unit: 'binary', maxLength: 20 })));
const sizes = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 });

describe('the two streams of a container', () => {
  it('arrive complete however the connection splits them', () => {
    fc.assert(
      fc.property(frames, sizes, (written, cuts) => {
        const seen = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
        const demux = createDemux((stream, chunk) => seen[stream].push(chunk));
        for (const piece of pieces(Buffer.concat(written.map(([s, text]) => frame(s, text))), cuts)) demux.write(piece);
        demux.end();
        const expected = (stream: 1 | 2) =>
          Buffer.concat(written.map(([s, text]) => Buffer.from(s === stream ? text : '')));
        expect(Buffer.concat(seen.stdout).equals(expected(1))).toBe(true);
        expect(Buffer.concat(seen.stderr).equals(expected(2))).toBe(true);
      }),
    );
  });

  it('pass on the beginning of a long frame before its end has arrived', () => {
    const seen: string[] = [];
    createDemux((_, chunk) => seen.push(chunk.toString())).write(frame(1, 'long frame').subarray(0, 12));
    expect(seen).toEqual(['long']);
  });
});

describe('lines of a log', () => {
  it('are split by stream, and a last line without a newline counts', () => {
    expect(log([frame(1, 'a\nb'), frame(2, 'err\n'), frame(1, 'c\n\nend')])).toEqual([
      'stdout: a',
      'stderr: err',
      'stdout: bc',
      'stdout: ',
      'stdout: end',
    ]);
  });

  it('of a container with a terminal have no frames, and end in \\r\\n', () => {
    expect(log([Buffer.from('hello wor'), Buffer.from('ld\r\nsecond\r\n')])).toEqual([
      'stdout: hello world',
      'stdout: second',
    ]);
    expect(log([Buffer.from('short')])).toEqual(['stdout: short']);
  });

  it('keep characters that a chunk cuts in two', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }).map((s) => s.replace(/[\r\n]/g, ''))),
        sizes,
        (lines, cuts) => {
          const seen: string[] = [];
          const splitter = splitLines((line) => seen.push(line));
          for (const piece of pieces(Buffer.from(lines.map((line) => `${line}\n`).join('')), cuts))
            splitter.write(piece);
          splitter.end();
          expect(seen).toEqual(lines);
        },
      ),
    );
  });
});
