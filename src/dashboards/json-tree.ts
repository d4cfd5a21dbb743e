import { isRecord, type JsonRecord, objectsIn } from '../json.ts';

/** The same value with every text in it replaced; keys stay. */
export function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  return isRecord(value) ? mapValues(value, (inner) => mapStrings(inner, map)) : value;
}

/** The same object with every object in it replaced, the innermost first. */
export function mapObjects(object: JsonRecord, map: (object: JsonRecord) => JsonRecord): JsonRecord {
  const inside = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(inside);
    return isRecord(value) ? mapObjects(value, map) : value;
  };
  return map(mapValues(object, inside));
}

export const mapValues = (object: JsonRecord, map: (value: unknown, key: string) => unknown): JsonRecord =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));

/** All panels: those in rows too, as Grafana 4 (`rows`) and later (`panels` of a row) have them. */
export function panelsOf(dashboard: JsonRecord): JsonRecord[] {
  return objectsIn(dashboard.panels ?? [])
    .concat(objectsIn(dashboard.rows).flatMap((row) => objectsIn(row.panels)))
    .flatMap((panel) => [panel, ...objectsIn(panel.panels)]);
}
