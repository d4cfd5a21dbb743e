import { describe, expect, it } from 'vitest';
import { jsonSchema } from '../../../scripts/json-schema.ts';
import { defaultsFor } from '../../../src/config/defaults.ts';
import { isRecord } from '../../../src/json.ts';

interface Key {
  path: string;
  schema: Record<string, unknown>;
}

/** Every key of every object in a JSON Schema. */
function keysOf(schema: unknown, path = ''): Key[] {
  if (!isRecord(schema)) return [];
  const choices = Array.isArray(schema.anyOf) ? schema.anyOf.flatMap((choice: unknown) => keysOf(choice, path)) : [];
  const properties = Object.entries(isRecord(schema.properties) ? schema.properties : {}).flatMap(([key, inner]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [{ path: at, schema: isRecord(inner) ? inner : {} }, ...keysOf(inner, at)];
  });
  return [...choices, ...properties, ...keysOf(schema.items, `${path}[]`)];
}

const described = (schema: unknown): boolean =>
  isRecord(schema) &&
  (typeof schema.description === 'string' || (Array.isArray(schema.anyOf) && schema.anyOf.some(described)));

describe('the JSON Schema', () => {
  const keys = keysOf(jsonSchema());

  it('is draft-07, refuses unknown keys and requires no key', () => {
    expect(jsonSchema()).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      additionalProperties: false,
    });
    expect(jsonSchema()).not.toHaveProperty('required');
  });

  it('has every key of monitor.yml, each with a description', () => {
    expect(keys.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'version',
        'prometheus.retention.size',
        'detect.enabled',
        'targets[].labels',
        'scrape_configs[].job_name',
        'dashboards[].grafana_com',
      ]),
    );
    expect(keys.filter(({ schema }) => !described(schema)).map(({ path }) => path)).toEqual([]);
  });

  it('has the defaults that resolve fills in', () => {
    const defaults: unknown = { version: 1, ...defaultsFor('monitoring') };
    const valueAt = (path: string) =>
      path.split('.').reduce<unknown>((inner, step) => (isRecord(inner) ? inner[step] : undefined), defaults);
    const given = keys.filter(({ path, schema }) => !path.includes('[]') && schema.default !== undefined);
    expect(given.map(({ path, schema }) => [path, schema.default])).toEqual(
      given.map(({ path }) => [path, valueAt(path)]),
    );
    expect(given.length).toBe(16);
  });
});
