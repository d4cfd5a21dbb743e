import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { yamlText } from '../../../src/export/yaml.ts';

const text = fc.oneof(
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
const data = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      text.filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 3 },
    ),
  ),
})).value;

it('any data reads back as the same, for readers of YAML 1.1 and of 1.2', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom('a', 'b', 'c'), data, { minKeys: 1 }), (value) => {
      const written = yamlText(value);
      const wanted = JSON.parse(JSON.stringify(value));
      for (const version of ['1.1', '1.2'] as const) expect(parse(written, { version }), written).toEqual(wanted);
    }),
    { numRuns: 300 },
  );
});

it('words are plain, numbers in text are quoted once, lines are a block', () => {
  expect(
    yamlText(
      {
        a: 'true',
        port: '8080',
        size: 8080,
        image: 'prom/prometheus:v3.13.2',
        list: [{ b: 1, c: [] }],
        text: 'x: 1\ny\n',
        none: undefined,
      },
      'Hello',
    ),
  ).toBe(
    '# Hello\na: "true"\nport: "8080"\nsize: 8080\nimage: "prom/prometheus:v3.13.2"\nlist:\n  - b: 1\n    c: []\ntext: |\n  x: 1\n  y\n',
  );
});
