export interface GrafanaVersion {
  /** As the server writes it; empty where it hides it. */
  text: string;
  major: number;
  minor: number;
}

/**
 * Reads `13.2.3`, `9.4.0-pre`, `12.1.0+security-01`. A pre-release counts as its release, whose routes it has. A hidden
 * version (`[auth.anonymous] hide_version`) or one that cannot be read counts as newer than any other: what newer
 * servers drop is missing for certain, and what they have is likely there.
 */
export function parseVersion(text: string): GrafanaVersion {
  const match = /^v?(\d+)\.(\d+)/.exec(text.trim());
  const newest = { text, major: Number.POSITIVE_INFINITY, minor: 0 };
  return match === null ? newest : { text, major: Number(match[1]), minor: Number(match[2]) };
}

export const isAtLeast = (version: GrafanaVersion, major: number, minor = 0): boolean =>
  version.major === major ? version.minor >= minor : version.major > major;
