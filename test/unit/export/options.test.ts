import { expect, it } from 'vitest';
import { readOptions } from '../../../src/export/options.ts';

const GIVEN = { namespace: 'monitoring', discovery: 'operator' as const, label: [], workloads: false };

it.each([
  ['My_NS', 'my-ns'],
  ['-a-', 'a'],
  ['a.b', 'a-b'],
  ['', 'x'],
])('a namespace %j is refused with the nearest name, %j', (namespace, nearest) => {
  expect(() => readOptions({ ...GIVEN, namespace })).toThrow(
    expect.objectContaining({
      code: 'invalid-name',
      exitCode: 2,
      suggestion: expect.stringContaining(`--namespace ${nearest}`),
    }),
  );
});

it('a name of a Secret is refused as one, and may have dots', () => {
  expect(() => readOptions({ ...GIVEN, existingSecret: 'A b' })).toThrow(
    expect.objectContaining({ code: 'invalid-name' }),
  );
  expect(readOptions({ ...GIVEN, existingSecret: 'a.b' }).existingSecret).toBe('a.b');
});

it.each(['x', '=y', 'a b=c', 'a=b c', `a=${'x'.repeat(64)}`])('a label %j that is none is refused', (label) => {
  expect(() => readOptions({ ...GIVEN, label: [label] })).toThrow(
    expect.objectContaining({ code: 'invalid-label', exitCode: 2 }),
  );
});

it('labels are for the operator, and may have a prefix and be empty', () => {
  expect(readOptions({ ...GIVEN, label: ['release=true', 'a.io/b=', 'c=1'] }).labels).toEqual({
    release: 'true',
    'a.io/b': '',
    c: '1',
  });
  expect(() => readOptions({ ...GIVEN, label: ['a=b', 'a=c'] })).toThrow(
    expect.objectContaining({ code: 'invalid-label', message: expect.stringContaining('two values') }),
  );
  expect(() => readOptions({ ...GIVEN, discovery: 'annotations', label: ['a=b'] })).toThrow(
    expect.objectContaining({ code: 'invalid-label' }),
  );
});
