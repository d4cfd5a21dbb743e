import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { codeOf, errorText, MonitorError } from '../errors.ts';

/**
 * Writes `text` to `path` so that a reader, a crash or a full disk finds the whole old file or the whole new one:
 * aside in the same folder, then renamed over it. A link is followed and stays a link.
 * @param mode permission bits; default: those of the file that is replaced, else what the umask leaves of 0666
 * @throws MonitorError `write-failed`; the old file is as it was
 */
export async function writeFileAtomically(path: string, text: string, mode?: number): Promise<void> {
  const aside = await writeAside(path, text, mode);
  await aside.takePlace().catch(async (error: unknown) => {
    await aside.discard();
    throw error;
  });
}

/** A file that is written and on the disk, but not yet in its place. */
export interface AsideFile {
  /** Puts it there; throws `write-failed`, and leaves it aside, where that cannot be. */
  takePlace: () => Promise<void>;
  discard: () => Promise<void>;
}

/**
 * The first half of `writeFileAtomically`, for what has to happen only once the new text is safe: a full disk and a
 * folder that cannot be written show here.
 * @throws MonitorError `write-failed`; nothing is left aside
 */
export async function writeAside(path: string, text: string, mode?: number): Promise<AsideFile> {
  try {
    const target = await realpath(path).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return path;
      throw error;
    });
    const aside = await writeBeside(target, text, mode);
    return {
      takePlace: () => rename(aside, target).catch((error: unknown) => Promise.reject(writeFailed(path, error))),
      discard: () => rm(aside, { force: true }).catch(() => undefined),
    };
  } catch (error) {
    throw writeFailed(path, error);
  }
}

async function writeBeside(target: string, text: string, mode: number | undefined): Promise<string> {
  const old = await stat(target).catch(() => undefined);
  // A rename would replace a file that its owner has made read-only.
  if (old !== undefined) await (await open(target, 'r+')).close();
  const aside = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.tmp`);
  const file = await open(aside, 'wx', mode ?? 0o666);
  try {
    await file.writeFile(text);
    // Root may write a user's file.
    if (old !== undefined && process.getuid?.() === 0) await file.chown(old.uid, old.gid).catch(() => undefined);
    const wanted = mode ?? old?.mode;
    if (wanted !== undefined) await file.chmod(wanted & 0o7777);
    await file.sync();
    return aside;
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
}

const ADVICE: Record<string, [reason: string, suggestion: string]> = {
  ENOSPC: ['the disk is full', 'free some disk space and run the command again'],
  EDQUOT: ['the disk quota is used up', 'free some space and run the command again'],
  EACCES: ['permission denied', 'check who owns the file and its folder'],
  EPERM: ['permission denied', 'check who owns the file and its folder'],
  EROFS: ['the file system is read-only', 'work in a folder that can be written to'],
  ENOENT: ['its folder does not exist', 'create the folder first'],
  EBUSY: ['it is a mount point', 'mount its folder instead of the file'],
  EISDIR: ['it is a folder', 'move it away, or choose another name'],
  EEXIST: ['a file has its name', 'move it away'],
  ENOTDIR: ['its folder is a file', 'move it away'],
};

/** Why a file or folder could not be written, and what helps, where the system's code for it is a usual one. */
export function adviceOn(error: unknown): { reason: string; suggestion: string } | undefined {
  const [reason, suggestion] = ADVICE[codeOf(error)] ?? [];
  return reason === undefined || suggestion === undefined ? undefined : { reason, suggestion };
}

/** A MonitorError `write-failed`, with what helps where the system's code is a usual one. */
export function writeFailed(path: string, error: unknown): MonitorError {
  const advice = adviceOn(error);
  return new MonitorError({
    code: 'write-failed',
    message: `${path} could not be written: ${advice?.reason ?? errorText(error)}`,
    detail: [errorText(error), 'no file was changed'],
    suggestion: advice?.suggestion ?? 'check that its folder is writable, and run the command again',
    cause: error,
  });
}
