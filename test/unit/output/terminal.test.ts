import { expect, it } from 'vitest';
import { clipped } from '../../../src/output/terminal.ts';

it.each([
  ['Network n: Creating', 40, 'Network n: Creating'],
  ['x'.repeat(35), 40, 'x'.repeat(35)],
  ['x'.repeat(36), 40, `${'x'.repeat(34)}…`],
  ['x'.repeat(36), 0, '…'],
])('of the line %j a terminal of %i columns shows %j', (text, columns, shown) => {
  expect(clipped(text, columns)).toBe(shown);
});
