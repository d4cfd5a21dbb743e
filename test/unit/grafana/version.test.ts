import { describe, expect, it } from 'vitest';
import { isAtLeast, parseVersion } from '../../../src/grafana/version.ts';

describe('a Grafana version', () => {
  it.each([
    ['7.5.5', false],
    ['8.5.27', false],
    ['9.0.0', true],
    ['9.4.0-pre', true],
    ['v13.2.3', true],
    ['12.1.0+security-01', true],
    ['100.0.0', true],
    ['', true],
    ['unknown', true],
  ])('%j is at least 9: %s', (text, expected) => {
    expect(isAtLeast(parseVersion(text), 9)).toBe(expected);
  });

  it('compares minors of the same major', () => {
    expect(['9.2.9', '9.3.0', '10.0.0'].map((text) => isAtLeast(parseVersion(text), 9, 3))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('keeps its text', () => {
    expect(parseVersion('9.4.0-pre')).toEqual({ text: '9.4.0-pre', major: 9, minor: 4 });
  });
});
