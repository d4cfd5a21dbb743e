import type { Path } from './shape.ts';

/** Two values, each good by itself, that do not go together. */
export interface Clash {
  path: Path;
  /** The other value. */
  with: Path;
  /** `other` is where the other value is, such as `line 7`. */
  message: (other: string) => string;
  /** The same, about the other value: for a file in which that is the later one, or the only one. */
  turned?: (other: string) => string;
}

interface Uniqueness<T> {
  key: (entry: T) => string;
  /** Whether two entries of one key clash; absent: always. */
  clash?: (entry: T, earlier: T) => boolean;
  message: (entry: T, other: string, earlier: T) => string;
  /** The key of an entry that a problem is about; absent: the entry as a whole. */
  at?: string;
}

/** A clash for each entry of the list `name` whose key an earlier entry has. */
export function duplicatesIn<T>(
  name: string,
  entries: readonly T[],
  { key, clash = () => true, message, at }: Uniqueness<T>,
): Clash[] {
  const pathOf = (position: number): Path => [name, position, ...(at === undefined ? [] : [at])];
  const first = new Map<string, { position: number; entry: T }>();
  return entries.flatMap((entry, position): Clash[] => {
    const earlier = first.get(key(entry));
    if (earlier === undefined) first.set(key(entry), { position, entry });
    if (earlier === undefined || !clash(entry, earlier.entry)) return [];
    return [
      {
        path: pathOf(position),
        with: pathOf(earlier.position),
        message: (other) => message(entry, other, earlier.entry),
      },
    ];
  });
}
