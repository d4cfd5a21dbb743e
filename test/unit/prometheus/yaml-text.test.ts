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

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({
    unit: fc.constantFrom(
      '\n',
      '\t',
      ' ',
      '\r',
      '#',
      ':',
      '-',
      '"',
      '\\',
      '$',
      'a',
      '1',
      '\u0085',
      '\u2028',
      '|',
      '\ufeff',
    ),
    maxLength: 12,
  }),
  fc.constantFrom(
    'yes',
    'No',
    'on',
    '~',
    '',
    'null',
    '1',
    '0o17',
    '017',
    '1_0',
    '12:30',
    '0x1F',
    '.inf',
    '=',
    '<<',
    '1e3',
    'y',
    '2001-01-01',
    '- a',
    'a: b',
    '---',
    '...',
    '{a',
    '*a',
    '&a',
    '!a',
    '%a',
    '@a',
    '`a',
    '? a',
  ),
);
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    hostile,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      hostile.filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
})).value;

it('any data reads back as the same, for readers of YAML 1.1 and of 1.2', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), anything, { minKeys: 1 }), (value) => {
      const written = libraryText(value);
      const wanted = JSON.parse(JSON.stringify(value));
      for (const version of ['1.1', '1.2'] as const) expect(parse(written, { version }), written).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});

it('text that looks like a number or a boolean is quoted, text with lines is a block', () => {
  expect(
    libraryText({
      a: 'true',
      b: 'yes',
      port: '8080',
      size: 8080,
      image: 'prom/prometheus:v3.13.2',
      list: [{ b: 1, c: [] }],
      text: 'x: 1\ny\n',
      none: undefined,
    }),
  ).toBe(
    'a: "true"\nb: "yes"\nport: "8080"\nsize: 8080\nimage: prom/prometheus:v3.13.2\nlist:\n  - b: 1\n    c: []\ntext: |\n  x: 1\n  y\n',
  );
});
