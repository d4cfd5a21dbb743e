import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from '../../src/words.ts';

test.each(['events:9100', '/q/metrics', 'team=a', "x'y", 'two words', '$HOME `id` "q" \\', '[::1]:80', '', '~', '*'])(
  '%s is one word to a shell',
  (text) => {
    const told = execFileSync('sh', ['-c', `printf %s. ${shellWord(text)}`], { encoding: 'utf8' });
    expect(told).toBe(`${text}.`);
  },
);

test('quotes are used only where needed', () => {
  expect(shellWord('http://events:9100/metrics?x=1,2')).toBe("'http://events:9100/metrics?x=1,2'");
  expect(shellWord('events:9100')).toBe('events:9100');
});
