/** The middle one; of an even number, the mean of the two in the middle. */
export const median = (samples: readonly number[]): number => {
  const sorted = [...samples].sort((a, b) => a - b);
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  return (low + high) / 2;
};

/** `412 ms (at least 380, 7 samples)` */
export const summary = (samples: readonly number[], unit: string): string => {
  const digits = median(samples) < 10 ? 1 : 0;
  const [middle, least] = [median(samples), Math.min(...samples)].map((n) => n.toFixed(digits));
  return `${middle} ${unit} (at least ${least}, ${samples.length} samples)`;
};
