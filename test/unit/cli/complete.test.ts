import { afterEach, describe, expect, it, vi } from 'vitest';
import { offerCompletions } from '../../../src/cli/complete.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { EXPORTER_NAMES } from '../../../src/config/exporter-table.ts';

afterEach(() => vi.restoreAllMocks());

/** What is offered for a line that is typed up to its end. */
const offered = async (typed: string): Promise<string[]> => {
  const printed: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void printed.push(line));
  await offerCompletions(
    buildProgram('1', () => () => async () => {}),
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
    ['dashboards check --js', ['--json']],
    ['--config ', []],
    ['dashboards ', ['generate', 'add', 'remove', 'pull', 'check']],
    ['dashboards add --r', ['--revision']],
    ['export ku', ['kubernetes']],
    ['export kubernetes --discovery ', ['annotations', 'operator']],
  ])('of %j are %j', async (typed, values) => {
    expect(await offered(typed)).toEqual(values);
  });

  it('of an empty line are all commands', async () => {
    const { root } = buildProgram('1', () => () => async () => {});
    expect(await offered('')).toEqual(root.commands.map((command) => command.name()));
  });
});
