import { isRecord, type JsonRecord, list } from '../json.ts';

export const objectsIn = (value: unknown): JsonRecord[] => list(value).filter(isRecord);

/** The same value with every text in it replaced; keys stay. */
export function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  return isRecord(value) ? mapValues(value, (inner) => mapStrings(inner, map)) : value;
}

/** The same value with every object in it replaced, the innermost first. */
export function mapObjects(value: unknown, map: (object: JsonRecord) => JsonRecord): unknown {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, map));
  return isRecord(value) ? map(mapValues(value, (inner) => mapObjects(inner, map))) : value;
}

export const mapValues = (object: JsonRecord, map: (value: unknown, key: string) => unknown): JsonRecord =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));

/** All panels: those in rows too, as Grafana 4 (`rows`) and later (`panels` of a row) have them. */
export function panelsOf(dashboard: JsonRecord): JsonRecord[] {
  return objectsIn(dashboard.panels ?? [])
    .concat(objectsIn(dashboard.rows).flatMap((row) => objectsIn(row.panels)))
    .flatMap((panel) => [panel, ...objectsIn(panel.panels)]);
}
