import { expect, it } from 'vitest';
import { clipped } from '../../../src/output/terminal.ts';

it.each([
  ['Network n: Creating', 40, 'Network n: Creating'],
  ['x'.repeat(39), 40, 'x'.repeat(39)],
  ['x'.repeat(40), 40, `${'x'.repeat(38)}…`],
  ['x'.repeat(36), 0, '…'],
])('of the line %j a terminal of %i columns shows %j', (text, columns, shown) => {
  expect(clipped(text, columns)).toBe(shown);
});
