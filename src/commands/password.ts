import {
  type GrafanaPassword,
  knownPassword,
  PASSWORD_VARIABLE,
  type StateFolder,
  stateFolderOf,
  storePassword,
} from '../config/state-folder.ts';
import { MonitorError } from '../errors.ts';
import { generatePassword, resetPassword } from '../grafana/password.ts';
import { parseVersion } from '../grafana/version.ts';
import type { PasswordReport } from '../output/report.ts';
import { LABEL, stackFilter } from '../stack/labels.ts';
import type { Deps } from './deps.ts';
import { exclusively, loadStack, type Session, withSession } from './session.ts';

/** How long a reset waits for another monitor; milliseconds. */
const LOCK_MS = 60_000;

/** Grafana's admin user and password; with `reset`, a new one, set in the running Grafana first and remembered after. */
export const runPassword = async (deps: Deps, { reset }: { reset: boolean }): Promise<PasswordReport> => {
  const loaded = await loadStack(deps);
  const user = loaded.config.grafana.admin_user;
  if (!reset) {
    const folder = stateFolderOf(loaded.path);
    const { value, source } = (await knownPassword(folder, deps.env)) ?? (await newPassword(deps, folder));
    return { kind: 'password', user, password: value, source, reset: false };
  }
  return withSession(
    deps,
    (session) =>
      exclusively(session, LOCK_MS, async () => {
        const { value, source } = await resetIn(session);
        return { kind: 'password', user, password: value, source, reset: true };
      }),
    loaded,
  );
};

/** One that the next `up` gives to a Grafana that has none yet. */
const newPassword = async ({ reporter }: Deps, folder: StateFolder): Promise<GrafanaPassword> => {
  const made = await storePassword(folder, generatePassword());
  reporter.warn(`this password is new, as ${made.source} had none: a Grafana that was set up before has another`);
  return made;
};

const resetIn = async (session: Session): Promise<{ value: string; source: string }> => {
  const { engine, loaded, deps, folder } = session;
  const containers = await engine.listContainers(stackFilter(loaded.config.name));
  const grafana = containers.find((c) => c.labels[LABEL.role] === 'grafana' && c.state === 'running');
  if (grafana === undefined) {
    throw new MonitorError({
      code: 'not-up',
      message: 'A password can only be reset in a running Grafana, and this stack’s does not run',
      suggestion: 'run `monitor up` first (it needs no password until Grafana answers)',
    });
  }
  const health = await session.grafanaHealth();
  const given = deps.env[PASSWORD_VARIABLE];
  const value = given || generatePassword();
  const step = deps.reporter.start('reset the admin password with Grafana’s own CLI');
  try {
    await resetPassword(engine, grafana.id, parseVersion(health?.version ?? ''), value);
  } catch (error) {
    step.failed();
    throw error;
  }
  step.done();
  return storePassword(folder, value);
};
