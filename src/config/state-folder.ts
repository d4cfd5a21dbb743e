import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorText, MonitorError } from '../errors.ts';
import { generatePassword } from '../grafana/password.ts';
import { writeFileAtomically } from './write.ts';

/** `.monitor/` beside monitor.yml: what is made on this machine, and not committed. */
export interface StateFolder {
  path: string;
  passwordPath: string;
  /** A copy of what Prometheus has loaded, to read. */
  prometheusConfigPath: string;
  schemaPath: string;
}

export const stateFolderOf = (configPath: string): StateFolder => {
  const path = join(dirname(configPath), '.monitor');
  return {
    path,
    passwordPath: join(path, 'grafana-admin-password'),
    prometheusConfigPath: join(path, 'prometheus.yml'),
    schemaPath: join(path, 'monitor.schema.json'),
  };
};

/** Makes the folder, with a .gitignore of its own that ignores all of it, and the schema that editors read. */
export const ensureStateFolder = async (folder: StateFolder, schema: string): Promise<void> => {
  await makeFolder(folder);
  await writeIfDifferent(folder.schemaPath, schema);
};

/** Makes the folder: nothing is written into it before git is told to ignore it. */
export const makeFolder = async ({ path }: StateFolder): Promise<void> => {
  await mkdir(path, { recursive: true }).catch((error: unknown) => {
    throw unusable(`The folder ${path} cannot be made`, error);
  });
  await writeIfDifferent(join(path, '.gitignore'), '*\n');
};

export const writeIfDifferent = async (path: string, text: string): Promise<void> => {
  if ((await readText(path)) !== text) await writeFileAtomically(path, text);
};

/** A file's text; nothing where there is none. */
export const readText = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unusable(`${path} cannot be read`, error);
  }
};

const unusable = (message: string, cause: unknown): MonitorError =>
  new MonitorError({
    code: 'state-folder',
    message,
    detail: [errorText(cause)],
    suggestion:
      'move away what is in its place, and see that you may read and write there; what is missing is made again',
    cause,
  });

export const PASSWORD_VARIABLE = 'MONITOR_GRAFANA_PASSWORD';

export interface GrafanaPassword {
  value: string;
  /** The variable or the file that it came from. */
  source: string;
}

/** Grafana's admin password: the variable's, else the file's; `undefined` where there is none yet. */
export const knownPassword = async (
  folder: StateFolder,
  env: Readonly<Record<string, string | undefined>>,
): Promise<GrafanaPassword | undefined> => {
  const given = env[PASSWORD_VARIABLE];
  if (given) return { value: given, source: PASSWORD_VARIABLE };
  const stored = (await readText(folder.passwordPath))?.trim();
  return stored ? { value: stored, source: folder.passwordPath } : undefined;
};

/** The same, or a new one, written with mode 0600. */
export const grafanaPassword = async (
  folder: StateFolder,
  env: Readonly<Record<string, string | undefined>>,
): Promise<GrafanaPassword> => (await knownPassword(folder, env)) ?? storePassword(folder, generatePassword());

/** Remembers a password; the folder is made if need be. */
export const storePassword = async (folder: StateFolder, value: string): Promise<GrafanaPassword> => {
  await makeFolder(folder);
  await writeFileAtomically(folder.passwordPath, `${value}\n`, 0o600);
  return { value, source: folder.passwordPath };
};
