import { expect, it } from 'vitest';
import { clipped } from '../../../src/output/terminal.ts';

it.each([
  ['create network n', 40, 'create network n'],
  ['x'.repeat(35), 40, 'x'.repeat(35)],
  ['x'.repeat(36), 40, `${'x'.repeat(34)}…`],
  ['x'.repeat(36), 3, '…'],
])('the spinner’s text %j at %i columns is the one line %j', (text, width, shown) => {
  expect(clipped(text, width)).toBe(shown);
});
