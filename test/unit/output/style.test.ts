import { expect, it } from 'vitest';
import { styleFor, wantsColor, wantsUnicode } from '../../../src/output/style.ts';

it.each<[string, Record<string, string>, boolean, boolean]>([
  ['a terminal', {}, true, true],
  ['a pipe', {}, false, false],
  ['NO_COLOR', { NO_COLOR: '1' }, true, false],
  ['NO_COLOR with any value', { NO_COLOR: '0' }, true, false],
  ['an empty NO_COLOR, which is none', { NO_COLOR: '' }, true, true],
  ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, false, true],
  ['FORCE_COLOR against NO_COLOR', { FORCE_COLOR: '1', NO_COLOR: '1' }, false, true],
  ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, false],
  ['FORCE_COLOR=false', { FORCE_COLOR: 'false' }, true, false],
  ['an empty FORCE_COLOR, which is none', { FORCE_COLOR: '' }, false, false],
  ['TERM=dumb', { TERM: 'dumb' }, true, false],
  ['FORCE_COLOR on a dumb terminal', { TERM: 'dumb', FORCE_COLOR: '1' }, true, true],
  ['another terminal', { TERM: 'xterm-256color' }, true, true],
])('colour: %s', (_, env, isTty, expected) => {
  expect(wantsColor(env, isTty)).toBe(expected);
  expect(styleFor(wantsColor(env, isTty)).bad('x') === 'x').toBe(!expected);
});

it.each([
  ['a locale of UTF-8', { LANG: 'de_DE.UTF-8' }, 'linux', true],
  ['one that LC_ALL overrides', { LANG: 'de_DE.UTF-8', LC_ALL: 'C' }, 'linux', false],
  ['no locale', {}, 'linux', false],
  ['no locale on macOS', {}, 'darwin', true],
  ['a dumb terminal', { LANG: 'C.utf8', TERM: 'dumb' }, 'linux', false],
  ['Linux’s console', { LANG: 'C.utf8', TERM: 'linux' }, 'linux', false],
  ['Windows Terminal', { WT_SESSION: '1' }, 'win32', true],
  ['an older console of Windows', {}, 'win32', false],
])('braille with %s: %j on %s is %s', (_what, env, platform, expected) => {
  expect(wantsUnicode(env, platform)).toBe(expected);
});
