import { fileURLToPath } from 'node:url';
import { jsonReporter } from '../../src/output/json.ts';
import type { Deps } from '../../src/stack/session.ts';
import { fakeEngine } from './fake-engine.ts';
import { recordedOutput } from './output.ts';

/** What a command is given in `cwd`: an engine that expects no call, and nobody to ask. */
export const depsIn = (cwd: string, given: Partial<Deps> = {}): Deps => ({
  cwd,
  env: {},
  version: '0.0.0-test',
  packageRoot: fileURLToPath(new URL('../..', import.meta.url)),
  configPath: undefined,
  connect: async () => fakeEngine(),
  reporter: jsonReporter(recordedOutput()),
  signal: new AbortController().signal,
  readPassword: async () => '',
  confirm: undefined,
  ...given,
});
