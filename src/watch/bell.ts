/** Something that is waited for and may ring any time; a ring is kept until it is waited for. */
export interface Bell {
  ring: () => void;
  /** Ends at a ring, after `timeoutMs`, or when the signal aborts. Tells whether it rang. */
  next: (timeoutMs: number | undefined) => Promise<boolean>;
}

export const newBell = (signal: AbortSignal): Bell => {
  let rung = false;
  let wake = (): void => {};
  signal.addEventListener('abort', () => wake(), { once: true });
  return {
    ring: () => {
      rung = true;
      wake();
    },
    next: async (timeoutMs) => {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const rang = rung;
      rung = false;
      return rang;
    },
  };
};

/** A burst of events is one change: it is over after this long without a further one, and never lasts longer than the second. */
const QUIET_MS = 40;
const LONGEST_BURST_MS = 400;

/** Waits for the end of a burst. */
export const settle = async (bell: Bell): Promise<void> => {
  const end = Date.now() + LONGEST_BURST_MS;
  while (Date.now() < end && (await bell.next(QUIET_MS)));
};
