import { expect, it } from 'vitest';
import { hashOf } from '../../../src/stack/desired.ts';

it('is 12 hex digits that stay the same from one release to the next', () => {
  expect(hashOf({ image: 'a', ports: [1, 2] })).toBe('d82f26c6b393');
});

it('does not depend on the order of keys, at any depth', () => {
  expect(hashOf({ a: 1, b: { c: [{ d: 1, e: 2 }], f: 3 } })).toBe(hashOf({ b: { f: 3, c: [{ e: 2, d: 1 }] }, a: 1 }));
});

it('takes an absent key and an undefined one for the same', () => {
  expect(hashOf({ a: 1, b: undefined })).toBe(hashOf({ a: 1 }));
});

it.each([
  [{ a: 1 }, { a: '1' }],
  [
    [1, 2],
    [2, 1],
  ],
  [{ a: null }, {}],
  [{ a: [] }, { a: {} }],
  ['', null],
])('tells %j from %j', (a, b) => {
  expect(hashOf(a)).not.toBe(hashOf(b));
});
