/** The candidate that `word` is most likely meant to be: equal but for case and separators, or at most two letters off. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  const bare = (text: string) => text.toLowerCase().replace(/[-_ ]/g, '');
  const same = candidates.find((candidate) => bare(candidate) === bare(word));
  if (same !== undefined) return same;
  const near = candidates
    .map((candidate) => ({ candidate, distance: editDistance(bare(word), bare(candidate)) }))
    .filter(({ distance }) => distance <= Math.min(2, word.length / 2));
  return near.sort((a, b) => a.distance - b.distance)[0]?.candidate;
}

/** The question whether that one was meant; undefined where none is near. */
export const didYouMean = (word: string, candidates: readonly string[]): string | undefined => {
  const near = closest(word, candidates);
  return near && `did you mean ${near}?`;
};

/** Levenshtein's: the fewest insertions, deletions and replacements that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    previous = row;
  }
  return previous[b.length] ?? 0;
}
