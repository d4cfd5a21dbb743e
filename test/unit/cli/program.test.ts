import { Command, CommanderError } from 'commander';
import { describe, expect, it } from 'vitest';
import { buildProgram, type GlobalOptions } from '../../../src/cli/program.ts';

interface Parsed {
  /** The function that is called: `runUp`. */
  run: string;
  /** Its arguments, then its options. */
  given: unknown[];
  globals: GlobalOptions;
}

/** What a command line comes to, or the words with which it is refused. */
const parsed = async (line: string): Promise<Parsed | string> => {
  let result: Parsed | undefined;
  const { root } = buildProgram('1.2.3', (globals) => (run) => async (...parsed) => {
    const given = parsed.filter((one) => !(one instanceof Command));
    result = { run: run.name, given, globals };
  });
  const silence = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
    for (const sub of command.commands) silence(sub);
  };
  silence(root);
  try {
    await root.parseAsync(line === '' ? [] : line.split(' '), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return result ?? 'nothing was called';
};

const UP = { dryRun: false, pull: 'missing', wait: false, overwrite: false, timeout: 120_000 };
const LOGS = { follow: false, tail: 'all' };

describe('a command line', () => {
  it.each<[string, string, ...given: unknown[]]>([
    ['init', 'runInit', { force: false }],
    [
      'init --name shop --prometheus-port 9191 --grafana-port 3003 --prometheus-image p:1 --grafana-image g:1 --force',
      'runInit',
      {
        name: 'shop',
        prometheusPort: 9191,
        grafanaPort: 3003,
        prometheusImage: 'p:1',
        grafanaImage: 'g:1',
        force: true,
      },
    ],
    ['up', 'runUp', UP],
    [
      'up --dry-run --pull always --wait --overwrite --timeout 1m30s',
      'runUp',
      { dryRun: true, pull: 'always', wait: true, overwrite: true, timeout: 90_000 },
    ],
    ['up --timeout 500ms', 'runUp', { ...UP, timeout: 500 }],
    ['restart', 'runRestart', undefined, { timeout: 120_000 }],
    ['restart grafana --timeout 5s', 'runRestart', 'grafana', { timeout: 5000 }],
    ['down', 'runDown', { volumes: false, yes: false }],
    ['down --volumes --yes', 'runDown', { volumes: true, yes: true }],
    ['add-target events:9100', 'runAddTarget', 'events:9100', { label: [] }],
    [
      'add-target events:9100 --job-name j --metrics-path /m --scheme https --scrape-interval 5s --label a=b --label c=d=e',
      'runAddTarget',
      'events:9100',
      {
        jobName: 'j',
        metricsPath: '/m',
        scheme: 'https',
        scrapeInterval: '5s',
        label: ['a=b', 'c=d=e'],
      },
    ],
    ['remove-target [::1]:9100', 'runRemoveTarget', '[::1]:9100', {}],
    ['add-exporter node', 'runAddExporter', 'node', {}],
    ['add-exporter postgres --from-env', 'runAddExporter', 'postgres', { fromEnv: true }],
    [
      'add-exporter postgres --for db --port 5433 --user u --password p --database d --image e:1',
      'runAddExporter',
      'postgres',
      { for: 'db', port: 5433, user: 'u', password: 'p', database: 'd', image: 'e:1' },
    ],
    ['add-exporter redis --password-stdin', 'runAddExporter', 'redis', { passwordStdin: true }],
    ['add-exporter redis --from-env REDISPW', 'runAddExporter', 'redis', { fromEnv: 'REDISPW' }],
    ['add-exporter nginx --path /status', 'runAddExporter', 'nginx', { path: '/status' }],
    ['remove-exporter redis --for cache', 'runRemoveExporter', 'redis', { for: 'cache' }],
    ['status', 'runStatus', {}],
    ['render', 'runRender', {}],
    ['detect', 'runDetect', {}],
    ['watch', 'runWatch', {}],
    ['logs', 'runLogs', undefined, LOGS],
    ['logs prometheus -f --tail 10', 'runLogs', 'prometheus', { follow: true, tail: 10 }],
    ['logs --tail 0', 'runLogs', undefined, { ...LOGS, tail: 0 }],
    ['logs --tail all', 'runLogs', undefined, LOGS],
    ['query up', 'runQuery', 'up', { csv: false }],
    ['query up --since 1h30m --step 15s --csv', 'runQuery', 'up', { since: 5_400_000, step: 15_000, csv: true }],
    ['dashboards check', 'runDashboardsCheck', undefined, {}],
    ['dashboards check api.json', 'runDashboardsCheck', 'api.json', {}],
    ['metrics', 'runMetrics', undefined, {}],
    ['metrics events --search http', 'runMetrics', 'events', { search: 'http' }],
    ['open', 'runOpen', 'grafana', {}],
    ['open prometheus', 'runOpen', 'prometheus', {}],
    ['password', 'runPassword', { reset: false }],
    ['password --reset', 'runPassword', { reset: true }],
    ['completion bash', 'runCompletion', 'bash', {}],
  ])('`monitor %s`', async (line, run, ...given) => {
    const globals = { json: false, quiet: false, verbose: false };
    expect(await parsed(line)).toEqual({ run, given, globals: expect.objectContaining(globals) });
  });

  it.each([
    ['status', { json: false, quiet: false, verbose: false }],
    ['--json status', { json: true }],
    ['--json completion zsh', { json: true }],
    ['--quiet completion bash', { quiet: true }],
    ['status --json', { json: true }],
    ['-q -v status', { quiet: true, verbose: true }],
    ['status -qv', { quiet: true, verbose: true }],
    ['--config a/monitor.yml status --context colima', { config: 'a/monitor.yml', context: 'colima' }],
  ])('`monitor %s` has its global options before or after the command', async (line, globals) => {
    expect(await parsed(line)).toMatchObject({ globals });
  });
});

describe('a wrong command line', () => {
  it.each([
    ['statsu', /unknown command 'statsu'\s.*Did you mean status\?/],
    ['upp', /Did you mean up\?/],
    ['add-tarket a:1', /Did you mean add-target\?/],
    ['up --dryrun', /Did you mean --dry-run\?/],
    ['down --volume', /Did you mean --volumes\?/],
    ['up now', /too many arguments/],
    ['up --pull sometimes', /'sometimes' is invalid\. Allowed choices are missing, always, never/],
    ['up --timeout 5', /'5' is invalid\. It must be a duration such as 90s or 2m/],
    ['up --timeout 0s', /'0s' is invalid/],
    ['up --timeout -5s', /invalid/],
    ['up --timeout', /argument missing/],
    ['init --prometheus-port 0', /'0' is invalid\. It must be a port from 1 to 65535/],
    ['init --prometheus-port 70000', /'70000' is invalid/],
    ['init --grafana-port 3e3', /'3e3' is invalid/],
    ['init --name Shop', /'Shop' is invalid\. It must be up to 63 lower-case letters/],
    ['init --grafana-image A:1', /'A:1' is invalid\. It must be an image reference/],
    ['init extra', /too many arguments/],
    ['logs --tail -1', /invalid/],
    ['query up --since 15', /'15' is invalid/],
    ['query up --csv --json', /'--csv' cannot be used with option '--json'/],
    ['query', /missing required argument/],
    ['logs --tail many', /'many' is invalid\. It must be a number of lines, or `all`/],
    ['logs influx', /'influx' is invalid for argument 'service'\. Allowed choices are prometheus, grafana/],
    ['open browser', /Allowed choices are prometheus, grafana/],
    ['add-target', /missing required argument 'host:port'/],
    ['add-target a:1 --scheme ftp', /Allowed choices are http, https/],
    ['add-target a:1 b:2', /too many arguments/],
    ['add-exporter redis --password-stdin --password p', /'--password-stdin' cannot be used with option '--password/],
    ['add-exporter redis --password-stdin --from-env', /cannot be used with option '--from-env/],
    ['add-exporter redis --password p --from-env PW', /cannot be used with option '--from-env/],
    ['remove-target', /missing required argument/],
    ['--config', /argument missing/],
    ['completion', /missing required argument 'shell'/],
    ['completion tcsh', /Allowed choices are bash, zsh, fish/],
    ['help gibberish', /^commander\.unknownCommand: error: unknown command 'gibberish'$/],
    ['help statsu', /unknown command 'statsu'\s.*Did you mean status\?/],
    ['--json help nope', /unknown command 'nope'/],
    ['dashboards chekc', /unknown command 'chekc'\s.*Did you mean check\?/],
    ['export kube', /unknown command 'kube'/],
    ['dashboards check a b', /too many arguments/],
    ['--nope status', /unknown option '--nope'/],
  ])('`monitor %s` is refused in words that help', async (line, words) => {
    expect(await parsed(line)).toMatch(words);
  });

  it('without a command shows the help', async () => {
    expect(await parsed('')).toMatch(/^commander\.help/);
  });
});

it.each(['help', 'help completion', 'help up'])('`monitor %s` shows help', async (line) => {
  expect(await parsed(line)).toMatch(/^commander\.helpDisplayed|^commander\.help:/);
});

it('the help of a command has the options that every command takes', () => {
  const { root } = buildProgram('1', () => () => async () => {});
  const status = root.commands.find((command) => command.name() === 'status');
  expect(status?.helpInformation()).toMatch(/^Global Options:$[\s\S]*--config <file>[\s\S]*--json/m);
});

it('the help has every command in a group', () => {
  const { root } = buildProgram('1', () => () => async () => {});
  const help = root.helpInformation();
  for (const command of root.commands) expect(help).toMatch(new RegExp(`^  ${command.name()} `, 'm'));
  expect(help.match(/^\S.*:$/gm)).toEqual(['Options:', 'Stack:', 'Targets:', 'Looking:', 'Shell:']);
});

it('every command and option has a description', async () => {
  const { root, complete } = buildProgram('1', () => () => async () => {});
  const check = async (command: Command): Promise<void> => {
    await complete(command);
    expect(command.description(), command.name()).not.toBe('');
    for (const option of command.options) expect(option.description, `${command.name()} ${option.flags}`).not.toBe('');
    for (const sub of command.commands) await check(sub);
  };
  await check(root);
});
