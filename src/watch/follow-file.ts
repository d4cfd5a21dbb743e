import { realpathSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Editors write a file in several steps: it is looked at when none has followed for so long. Milliseconds. */
const QUIET_MS = 100;

/**
 * Calls back each time that a file was written, replaced or removed, until `signal` aborts. Its folder is what is
 * watched, since editors put another file in its place; behind a symbolic link, that of the file itself too. Throws
 * where the system allows no further watches (Linux: `fs.inotify.max_user_watches`).
 */
export const followFile = (path: string, onChange: () => void, signal: AbortSignal): void => {
  let timer: NodeJS.Timeout | undefined;
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  for (const file of new Set([path, realpathSync(path)])) {
    const watcher = watch(dirname(file), { signal, persistent: false }, (_, name) => {
      if (name !== null && name !== basename(file)) return;
      clearTimeout(timer);
      timer = setTimeout(onChange, QUIET_MS);
    });
    // A folder that is removed: the next look at the stack says so.
    watcher.on('error', () => watcher.close());
  }
};
