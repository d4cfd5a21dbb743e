import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, errorText, MonitorError } from '../errors.ts';
import { type AsideFile, adviceOn, writeAside, writeFileAtomically } from './write.ts';

export type StateFolder = ReturnType<typeof stateFolderOf>;

/** `.monitor/` beside monitor.yml: files of this machine, which are not committed. */
export const stateFolderOf = (configPath: string) => {
  const path = join(dirname(configPath), '.monitor');
  return {
    path,
    passwordPath: join(path, 'grafana-admin-password'),
    /** A copy of what Prometheus has loaded, to read. */
    prometheusConfigPath: join(path, 'prometheus.yml'),
    /** That nothing had to be done to the dashboards, and what that was decided by. */
    dashboardsPath: join(path, 'dashboards-compared.json'),
    schemaPath: join(path, 'monitor.schema.json'),
  };
};

/** Makes the folder, with a .gitignore of its own that ignores all of it, and the schema that editors read. */
export const ensureStateFolder = async (folder: StateFolder, schema: string): Promise<void> => {
  await makeFolder(folder);
  await writeIfDifferent(folder.schemaPath, schema);
};

/**
 * Makes the folder: nothing is written into it before git is told to ignore it. One that cannot be written into is not
 * left behind. Not those above it: they are the user's.
 */
export const makeFolder = async ({ path }: StateFolder): Promise<void> => {
  const isNew = await mkdir(path).then(
    () => true,
    async (error: unknown) => {
      const there = await stat(path).catch(() => undefined);
      if (there?.isDirectory()) return false;
      throw unusable(`The folder ${path} cannot be created`, error);
    },
  );
  try {
    await writeIfDifferent(join(path, '.gitignore'), '*\n');
  } catch (error) {
    if (isNew) await rmdir(path).catch(() => undefined);
    throw error;
  }
};

export const writeIfDifferent = async (path: string, text: string): Promise<void> => {
  if ((await readText(path)) !== text) await writeFileAtomically(path, text);
};

/** A file's text; undefined where there is no file. */
export const readText = async (path: string): Promise<string | undefined> => {
  return readFile(path, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw unusable(`${path} cannot be read`, error);
  });
};

const unusable = (message: string, cause: unknown): MonitorError => {
  const { reason, suggestion } = adviceOn(cause) ?? {};
  return new MonitorError({
    code: 'state-folder',
    message: reason === undefined ? message : `${message}: ${reason}`,
    detail: [errorText(cause)],
    suggestion: suggestion ?? 'check that you can read and write there; missing files are created again',
    cause,
  });
};

/** 24 characters that need no quoting in a URL or a shell, 143 random bits or more. */
export const generatePassword = (): string =>
  // A password that begins with a dash would be taken for an option by the commands that users paste it into.
  randomBytes(18).toString('base64url').replace(/^-/, 'A');

export const PASSWORD_VARIABLE = 'MONITOR_GRAFANA_PASSWORD';

type Env = Readonly<Record<string, string | undefined>>;

export interface GrafanaPassword {
  value: string;
  /** The variable or the file that it came from. */
  source: string;
}

/** Grafana's admin password: the variable's, else the file's; `undefined` where there is none yet. */
export const knownPassword = async (folder: StateFolder, env: Env): Promise<GrafanaPassword | undefined> => {
  const given = env[PASSWORD_VARIABLE];
  if (given) return { value: given, source: PASSWORD_VARIABLE };
  const stored = (await readText(folder.passwordPath))?.trim();
  return stored ? { value: stored, source: folder.passwordPath } : undefined;
};

/** The same, or a new one, written with mode 0600. */
export const grafanaPassword = async (folder: StateFolder, env: Env): Promise<GrafanaPassword> =>
  (await knownPassword(folder, env)) ?? storePassword(folder, generatePassword());

/** Stores a password; creates the folder if it is missing. */
export const storePassword = async (folder: StateFolder, value: string): Promise<GrafanaPassword> => {
  await makeFolder(folder);
  await writeFileAtomically(folder.passwordPath, `${value}\n`, PRIVATE);
  return { value, source: folder.passwordPath };
};

const PRIVATE = 0o600;

/** The stored password as it is, readable for this user alone; or a new one. Returns whether it was there. */
export const keepPassword = async (folder: StateFolder): Promise<boolean> => {
  if ((await knownPassword(folder, {})) === undefined) {
    await storePassword(folder, generatePassword());
    return false;
  }
  await chmod(folder.passwordPath, PRIVATE).catch((error: unknown) => {
    throw unusable(`${folder.passwordPath} cannot be made private`, error);
  });
  return true;
};

/** The first half of `storePassword`: what can fail, before a Grafana has the new password. */
export const preparePassword = async (folder: StateFolder, value: string): Promise<AsideFile> => {
  await makeFolder(folder);
  return writeAside(folder.passwordPath, `${value}\n`, PRIVATE);
};
