/** A notice that has been away for so long is news again; milliseconds. */
const FORGOTTEN_MS = 600_000;

/**
 * Of the notices of one round after the other, those that are news: said once as long as they hold, and not again where
 * they come and go, as those of a container do that starts again and again.
 */
export const newFreshNotices = (): ((notices: readonly string[]) => string[]) => {
  /** Since when each one has been away, in Unix milliseconds; `undefined` while it holds. */
  const known = new Map<string, number | undefined>();
  return (notices) => {
    const now = Date.now();
    for (const [text, since] of known) {
      if (notices.includes(text)) continue;
      if (since !== undefined && now - since > FORGOTTEN_MS) known.delete(text);
      else known.set(text, since ?? now);
    }
    const fresh = [...new Set(notices)].filter((text) => !known.has(text));
    for (const text of notices) known.set(text, undefined);
    return fresh;
  };
};
