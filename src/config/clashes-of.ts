import type { Path } from './shape.ts';

/** Two values that are each valid and conflict with each other. */
export interface Clash {
  path: Path;
  /** The other value. */
  with: Path;
  /** `other` says where the other value is, such as `line 7`. */
  message: (other: string) => string;
  /** The same, said of the other value: for a file in which that is the later one, or the only one. */
  turned?: (other: string) => string;
}

/** For each entry whose key an earlier one has and that clashes with it: its position and the earlier one's. */
export function clashesOf<T>(
  entries: readonly T[],
  key: (entry: T) => string,
  clash: (a: T, b: T) => boolean,
): [number, number][] {
  const first = new Map<string, { position: number; entry: T }>();
  return entries.flatMap((entry, position): [number, number][] => {
    const earlier = first.get(key(entry));
    if (earlier === undefined) first.set(key(entry), { position, entry });
    return earlier !== undefined && clash(entry, earlier.entry) ? [[position, earlier.position]] : [];
  });
}
