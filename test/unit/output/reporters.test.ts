import { describe, expect, it } from 'vitest';
import { MonitorError } from '../../../src/errors.ts';
import { jsonReporter } from '../../../src/output/json.ts';
import { plainReporter, quietReporter } from '../../../src/output/plain.ts';
import type { Report } from '../../../src/output/report.ts';
import type { Output, Reporter } from '../../../src/output/reporter.ts';
import { recordedOutput } from '../../support/output.ts';

const error = new MonitorError({
  code: 'port-in-use',
  message: 'Port 1 is in use',
  detail: ['by web'],
  suggestion: 'stop it',
  exitCode: 2,
});
const down: Report = { kind: 'down', stack: 's', removed: ['container p'], kept: [], notices: [] };
const password: Report = {
  kind: 'password',
  user: 'admin',
  password: 'x',
  source: 'f',
  reset: false,
  notices: ['it is new'],
};

/** Everything a command may say, to one of the reporters. */
const written = (make: (output: Output) => Reporter, ...said: ((reporter: Reporter) => void)[]) => {
  const output = recordedOutput();
  const reporter = make(output);
  for (const say of said) say(reporter);
  reporter.close();
  return output.written;
};
const progress = (r: Reporter): void => {
  const good = r.start('Network n', 'create network n');
  good.update('1 of 2');
  good.done('Created');
  r.start('', 'wait', { quiet: true }).done();
  r.start('Container c', 'start container c').failed();
  r.note('a note');
  r.warn('a warning');
};

describe('plain', () => {
  it('prints progress on stderr and results on stdout, each operation once', () => {
    expect(
      written(
        plainReporter,
        progress,
        (r) => r.result(down),
        (r) => r.event('a line', {}),
      ),
    ).toEqual({
      stderr:
        '✔ Network n                           Created\n✘ Container c                         Failed\n  a note\n! a warning\n',
      stdout: '✔ The stack "s" was removed\na line\n',
    });
  });

  it('prints an error on stderr only', () => {
    expect(written(plainReporter, (r) => r.error(error))).toEqual({
      stderr: '✘ Port 1 is in use\n  by web\n→ stop it\n',
      stdout: '',
    });
  });
});

describe('--quiet', () => {
  it('prints errors, and what was asked for', () => {
    expect(written(quietReporter, progress, (r) => r.result(down))).toEqual({ stderr: '', stdout: '' });
    const { stdout, stderr } = written(quietReporter, (r) => r.result(password));
    expect(stdout).toBe('user      admin\npassword  x\nfrom f\n');
    expect(stderr).toBe('! it is new\n');
    expect(written(quietReporter, (r) => r.error(error)).stderr).toContain('Port 1');
    expect(written(quietReporter, (r) => r.event('a log line', {})).stdout).toBe('a log line\n');
  });
});

describe('--json', () => {
  it('prints one document, and nothing on stderr', () => {
    const { stdout, stderr } = written(jsonReporter, progress, (r) => r.result(down));
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(down);
  });

  it('prints one document for an error', () => {
    const { stdout, stderr } = written(jsonReporter, progress, (r) => r.error(error));
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'port-in-use',
        message: 'Port 1 is in use',
        detail: ['by web'],
        suggestion: 'stop it',
        exitCode: 2,
      },
    });
  });

  it('prints a line for each event of a command that runs until interrupted', () => {
    const { stdout } = written(
      jsonReporter,
      (r) => r.event('x', { line: 'a' }),
      (r) => r.warn('x', { line: 'b' }),
      (r) => r.warn('of a command that ends'),
      (r) => r.result({ kind: 'stream' }),
    );
    expect(stdout).toBe('{"line":"a"}\n{"line":"b"}\n');
  });
});
