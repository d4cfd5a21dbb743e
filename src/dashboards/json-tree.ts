import { isObject, type JsonObject } from '../grafana/json.ts';

export const objectsIn = (value: unknown): JsonObject[] => (Array.isArray(value) ? value.filter(isObject) : []);

/** A field that is an object; empty where it is missing or something else. */
export const objectAt = (object: JsonObject, field: string): JsonObject => {
  const value = object[field];
  return isObject(value) ? value : {};
};

/** The same value with every text in it replaced; keys stay. */
export function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  return isObject(value) ? mapValues(value, (inner) => mapStrings(inner, map)) : value;
}

/** The same value with every object in it replaced, the innermost first. */
export function mapObjects(value: unknown, map: (object: JsonObject) => JsonObject): unknown {
  if (Array.isArray(value)) return value.map((item) => mapObjects(item, map));
  return isObject(value) ? map(mapValues(value, (inner) => mapObjects(inner, map))) : value;
}

export const mapValues = (object: JsonObject, map: (value: unknown, key: string) => unknown): JsonObject =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value, key)]));

/** All panels: those in rows too, as Grafana 4 (`rows`) and later (`panels` of a row) have them. */
export function panelsOf(dashboard: JsonObject): JsonObject[] {
  return objectsIn(dashboard.panels ?? [])
    .concat(objectsIn(dashboard.rows).flatMap((row) => objectsIn(row.panels)))
    .flatMap((panel) => [panel, ...objectsIn(panel.panels)]);
}
