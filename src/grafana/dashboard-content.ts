import { createHash } from 'node:crypto';
import { isRecord, type JsonRecord, number } from '../json.ts';

/**
 * How an edit is recognised without a state file: each dashboard that this program saves carries under `__monitor` where
 * it comes from and the hash of its content. Content with another hash, or without that key, was saved from elsewhere:
 * Grafana's API keeps unknown keys (7.5.5 to 12.4.3), its editor drops them.
 */
export interface Stamp {
  /** As `DesiredDashboard.source`. */
  source: string;
  hash: string;
  /** What Grafana counts the save as, and the schema that was sent: a server that migrates what it shows changes its hash. */
  version: number;
  schemaVersion: number;
}

const STAMP = '__monitor';

/** What Grafana, or its editor, adds to the content. */
const NOT_CONTENT: ReadonlySet<string> = new Set(['id', 'uid', 'version', 'iteration', STAMP]);

/** A dashboard's content as files have it: the same text for the same content. */
export const contentOf = (dashboard: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(dashboard).filter(([key]) => !NOT_CONTENT.has(key)));

/** 16 hex digits, whatever the order of the keys. */
export const contentHash = (dashboard: JsonRecord): string => hashOf(canonical(contentOf(dashboard)));

/** 16 hex digits. */
export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);

/** As the file of a dashboard is written: keys in order, as Grafana's API gives them, so that a diff shows changes alone. */
export const dashboardText = (uid: string, dashboard: JsonRecord): string =>
  `${sortedJson({ ...contentOf(dashboard), uid })}\n`;

export function stampOf(dashboard: JsonRecord): Stamp | undefined {
  const found = dashboard[STAMP];
  if (!isRecord(found)) return undefined;
  const { source, hash, version, schemaVersion } = found;
  if (typeof source !== 'string' || typeof hash !== 'string') return undefined;
  return { source, hash, version: number(version), schemaVersion: number(schemaVersion) };
}

/** `version`: what Grafana will count this save as. */
export const stamped = (dashboard: JsonRecord, source: string, version: number): JsonRecord => {
  const stamp: Stamp = {
    source,
    hash: contentHash(dashboard),
    version,
    schemaVersion: number(dashboard.schemaVersion),
  };
  return { ...dashboard, [STAMP]: stamp };
};

/**
 * Whether the dashboard is as this program saved it. Grafana answers with keys in order, so that the plain text mostly is
 * the canonical one, and a look at many dashboards stays quick.
 */
export const isUntouched = (dashboard: JsonRecord, stamp: Stamp): boolean =>
  (stamp.version === dashboard.version && stamp.schemaVersion !== dashboard.schemaVersion) ||
  stamp.hash === hashOf(JSON.stringify(contentOf(dashboard))) ||
  stamp.hash === contentHash(dashboard);

/** The top-level keys in which two dashboards differ. */
export const differingKeys = (a: JsonRecord, b: JsonRecord): string[] => {
  const [one, other] = [contentOf(a), contentOf(b)];
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  return keys.filter((key) => canonical(one[key]) !== canonical(other[key]));
};

/** One JSON text for one value: keys in order. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isRecord(value)) return JSON.stringify(value) ?? 'null';
  const keys = Object.keys(value).filter((key) => value[key] !== undefined);
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`)
    .join()}}`;
}

const sortedJson = (value: JsonRecord): string =>
  JSON.stringify(value, (_key, inner: unknown) => (isRecord(inner) ? sortedKeys(inner) : inner), 2);

const sortedKeys = (value: JsonRecord): JsonRecord =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
