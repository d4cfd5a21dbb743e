/** `undefined` where `text` is not JSON. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * Guards for JSON that comes from outside. Engines leave fields out, send null for an empty list (`Aliases`, `Ports`,
 * `Labels`), and Podman leaves out more: what is absent or of another kind reads as empty.
 */
export type JsonRecord = Record<string, unknown>;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const asRecord = (value: unknown): JsonRecord => (isRecord(value) ? value : {});

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const objectsIn = (value: unknown): JsonRecord[] => list(value).filter(isRecord);

export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A field that is a text; empty where it is missing or something else. */
export const textOf = (value: unknown, field: string): string => text(asRecord(value)[field]);

export const texts = (value: unknown): string[] => list(value).filter((item) => typeof item === 'string');

export const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

export const textMap = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(asRecord(value)).map(([key, item]) => [key, text(item)]));
