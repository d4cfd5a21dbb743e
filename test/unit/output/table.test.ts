import { describe, expect, it } from 'vitest';
import { table } from '../../../src/output/table.ts';

describe('a table', () => {
  it('has its columns one below another, without spaces at the ends', () => {
    expect(
      table(
        ['JOB', 'TARGET'],
        [
          ['events', 'events:9100'],
          ['a', ''],
        ],
      ),
    ).toBe('JOB     TARGET\nevents  events:9100\na');
  });

  it('measures the visible width: 0 for colour and combining accents, 2 for East Asian letters', () => {
    const drawn = table(
      ['A', 'B'],
      [
        ['\u001b[32mup\u001b[39m', 'x'],
        ['東京', 'x'],
        ['e\u0301', 'x'],
        ['é', 'x'],
      ],
    );
    expect(drawn.split('\n')).toEqual([
      'A     B',
      '\u001b[32mup\u001b[39m    x',
      '東京  x',
      'e\u0301     x',
      'é     x',
    ]);
  });

  it('may have thousands of rows and many columns: drawing them ends within the time of a test', () => {
    const row = Array.from({ length: 60 }, (_, i) => `value ${i}`);
    expect(table(row, Array(1000).fill(row)).split('\n')).toHaveLength(1001);
  });
});
