import { expect, it } from 'vitest';
import { closest, editDistance } from '../../../src/config/suggest.ts';

it.each([
  ['nam', 'name'],
  ['imgae', 'image'],
  ['scrape-interval', 'scrape_interval'],
  ['scrapeInterval', 'scrape_interval'],
  ['PORT', 'port'],
])('%s is taken for %s', (word, meant) => {
  expect(closest(word, ['name', 'image', 'port', 'scrape_interval'])).toBe(meant);
});

it.each(['x', 'colour', '', 'a'.repeat(10_000)])('%s is taken for nothing', (word) => {
  expect(closest(word, ['name', 'image', 'port'])).toBeUndefined();
});

it.each([
  ['', '', 0],
  ['kitten', 'sitting', 3],
  ['abc', '', 3],
])('from %j to %j', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
});
