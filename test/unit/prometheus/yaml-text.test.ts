import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { blockText, libraryText } from '../../../src/prometheus/yaml-text.ts';

const word = fc.oneof(
  fc.stringMatching(/^[a-z0-9.:/_-]{0,12}$/),
  fc.constantFrom('true', 'No', 'null', '~', '1e3', '0x1F', 'y', 'a: b', '- a', '#', 'web:9100', '10.0.0.1:80', '.inf'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const data = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.integer(),
    fc.boolean(),
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(
      word.filter((w) => w !== '__proto__'),
      tie('any'),
      { maxKeys: 3 },
    ),
  ),
})).any;
const top = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), data, { minKeys: 1, maxKeys: 3 });

it('says the same as the library’s text, whatever it is made of', () => {
  fc.assert(
    fc.property(top, (written) => {
      const value = JSON.parse(JSON.stringify(written));
      expect(parse(blockText(value))).toEqual(parse(libraryText(value)));
    }),
    { numRuns: 500 },
  );
});

it('keeps the form that the library gives plain configurations', () => {
  const value = {
    a: [{ job_name: 'web', static_configs: [{ targets: ['web:9100', 'x_y.z:1'], labels: { c: 'd/e' } }] }],
  };
  expect(blockText(value)).toBe(libraryText(value));
});
