import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { followFile } from '../../../src/watch/follow-file.ts';
import { eventually } from '../../support/ask.ts';

describe('a file is followed', () => {
  let folder: string;
  let file: string;
  let changes: number;
  let end: AbortController;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'follow-'));
    file = join(folder, 'monitor.yml');
    writeFileSync(file, 'a');
    changes = 0;
    end = new AbortController();
  });
  afterEach(() => {
    end.abort();
    rmSync(folder, { recursive: true });
  });
  const follow = (path: string) => followFile(path, () => (changes += 1), end.signal);
  const once = async (): Promise<void> => {
    await eventually(async () => expect(changes).toBe(1));
    await sleep(250);
    expect(changes).toBe(1);
  };

  it('where it is written in several steps, once', async () => {
    follow(file);
    for (const text of ['', 'b', 'bc']) writeFileSync(file, text);
    await once();
  });

  it('where another one takes its place, as editors do it', async () => {
    follow(file);
    writeFileSync(join(folder, 'monitor.yml~'), 'b');
    renameSync(join(folder, 'monitor.yml~'), file);
    await once();
  });

  it('behind a symbolic link', async () => {
    const linked = mkdtempSync(join(tmpdir(), 'follow-'));
    symlinkSync(file, join(linked, 'm.yml'));
    follow(join(linked, 'm.yml'));
    writeFileSync(file, 'b');
    await once();
    rmSync(linked, { recursive: true });
  });

  it('and nothing beside it, nor after the end', async () => {
    follow(file);
    writeFileSync(join(folder, 'other.yml'), 'b');
    await sleep(250);
    writeFileSync(file, 'b');
    end.abort();
    await sleep(250);
    expect(changes).toBe(0);
  });
});
