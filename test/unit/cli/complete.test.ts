import { afterEach, describe, expect, it, vi } from 'vitest';
import { offerCompletions } from '../../../src/cli/complete.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { EXPORTER_NAMES } from '../../../src/exporters/table.ts';

afterEach(() => vi.restoreAllMocks());

/** What is offered for a line that is typed up to its end. */
const offered = (typed: string): string[] => {
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  offerCompletions(
    buildProgram('1', async () => {}),
    typed.split(' '),
  );
  return printed.filter((line) => !line.startsWith(':')).map((line) => line.replace(/\t.*/, ''));
};

describe('completions', () => {
  it.each<[string, string[]]>([
    ['stat', ['status']],
    ['comp', ['completion']],
    ['completion ', ['bash', 'zsh', 'fish']],
    ['logs ', ['prometheus', 'grafana']],
    ['logs g', ['grafana']],
    ['up --p', ['--pull']],
    ['up --pull ', ['missing', 'always', 'never']],
    ['add-target events:9100 --scheme ', ['http', 'https']],
    ['add-exporter ', [...EXPORTER_NAMES]],
    ['remove-exporter po', ['postgres']],
    ['--quiet stat', ['status']],
    ['--config ', []],
  ])('of %j are %j', (typed, values) => {
    expect(offered(typed)).toEqual(values);
  });

  it('of nothing are all commands', () => {
    const program = buildProgram('1', async () => {});
    expect(offered('')).toEqual(program.commands.map((command) => command.name()));
  });
});
