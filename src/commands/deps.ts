import type { Engine } from '../docker/engine.ts';
import type { Reporter } from '../output/reporter.ts';

/** What every command is given: the outside world, and the options that all commands share. */
export interface Deps {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Where templates/ and schema/ are. */
  packageRoot: string;
  /** `--config` */
  configPath: string | undefined;
  /** Finds the engine, as `--context` and the environment say; each call makes a connection. */
  connect: () => Promise<Engine>;
  reporter: Reporter;
  signal: AbortSignal;
  /** Asks a person; `undefined` where there is no terminal to ask at. */
  confirm: ((question: string) => Promise<boolean>) | undefined;
}
