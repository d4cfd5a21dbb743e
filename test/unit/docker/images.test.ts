import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import type { PullProgress } from '../../../src/docker/engine.ts';
import { followPull, withTag } from '../../../src/docker/images.ts';

const answer = (...steps: unknown[]) =>
  Readable.from([Buffer.from(steps.map((step) => `${JSON.stringify(step)}\r\n`).join(''))]);

const downloading = (id: string, current: number, total: number) => ({
  status: 'Downloading',
  id,
  progressDetail: { current, total },
});

it('progress is bytes over all layers that are known, and a layer that is complete counts in full', async () => {
  const seen: PullProgress[] = [];
  const steps = [
    { status: 'Pulling from prom/prometheus', id: 'v3' },
    { status: 'Pulling fs layer', progressDetail: {}, id: 'a' },
    downloading('a', 10, 100),
    downloading('b', 5, 50),
    { status: 'Download complete', progressDetail: {}, id: 'a' },
    { status: 'Extracting', progressDetail: { current: 1, total: 100 }, id: 'a' },
    { status: 'Already exists', progressDetail: {}, id: 'c' },
    { status: 'Status: Downloaded newer image for prom/prometheus:v3' },
  ];
  await followPull(
    answer(...steps),
    (progress) => seen.push(progress),
    () => {},
  );
  expect(seen).toEqual([
    { receivedBytes: 10, totalBytes: 100 },
    { receivedBytes: 15, totalBytes: 150 },
    { receivedBytes: 105, totalBytes: 150 },
  ]);
});

it('an error that comes in the middle of the stream fails the pull with its words', async () => {
  const steps = [downloading('a', 1, 2), { errorDetail: { message: 'toomanyrequests: slow down' }, error: 'short' }];
  await expect(
    followPull(
      answer(...steps),
      () => {},
      () => {},
    ),
  ).rejects.toThrow('toomanyrequests: slow down');
});

it.each([
  ['prom/prometheus', 'prom/prometheus:latest'],
  ['localhost:5000/x', 'localhost:5000/x:latest'],
  ['prom/prometheus:v3', 'prom/prometheus:v3'],
  ['localhost:5000/x:1', 'localhost:5000/x:1'],
  ['x@sha256:abc', 'x@sha256:abc'],
])('%s is pulled as %s', (reference, pulled) => {
  expect(withTag(reference)).toBe(pulled);
});
