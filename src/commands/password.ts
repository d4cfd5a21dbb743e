import type { Define } from '../cli/command.ts';
import {
  generatePassword,
  knownPassword,
  PASSWORD_VARIABLE,
  preparePassword,
  stateFolderOf,
  storePassword,
} from '../config/state-folder.ts';
import { MonitorError } from '../errors.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import { resetPassword } from '../grafana/password.ts';
import { parseVersion } from '../grafana/version.ts';
import type { ReportOf } from '../output/report.ts';
import { containerIn, stackFilter } from '../stack/labels.ts';
import { type Deps, exclusively, grafanaOf, loadStack, type Session, withSession } from '../stack/session.ts';

export const command: Define = (password, invoke) =>
  password.option('--reset', 'set a new password in the running Grafana', false).action(invoke(runPassword));

/** How long a reset waits for another monitor; milliseconds. */
const LOCK_MS = 60_000;

/** Grafana's admin user and password; with `reset`, a new one, set in the running Grafana first and stored after that. */
export const runPassword = async (deps: Deps, { reset }: { reset: boolean }): Promise<ReportOf<'password'>> => {
  const loaded = await loadStack(deps);
  if (reset) return withSession(deps, (session) => exclusively(session, LOCK_MS, resetIn), loaded);
  const folder = stateFolderOf(loaded.path);
  const known = await knownPassword(folder, deps.env);
  const { value, source } = known ?? (await storePassword(folder, generatePassword()));
  // The next `up` sets it in a new Grafana.
  const isNew = `${source} had no password, so this one is new: if Grafana already has another one, run \`monitor password --reset\``;
  return {
    kind: 'password',
    user: loaded.config.grafana.admin_user,
    password: value,
    source,
    reset: false,
    notices: known === undefined ? [isNew] : [],
  };
};

const resetIn = async (session: Session): Promise<ReportOf<'password'>> => {
  const { engine, loaded, deps, folder } = session;
  const containers = await engine.listContainers(stackFilter(loaded.config.name));
  const grafana = containerIn(containers, loaded.config.name, 'grafana');
  if (grafana?.state !== 'running') {
    throw new MonitorError({
      code: 'not-up',
      message: 'The password can only be reset while Grafana runs, and it is not running',
      suggestion: 'run `monitor up` first (it needs no password until Grafana answers)',
    });
  }
  const health = await session.grafanaHealth();
  const given = deps.env[PASSWORD_VARIABLE];
  const value = given || generatePassword();
  // On the disk before Grafana has it: a lost password locks its user out.
  const prepared = await preparePassword(folder, value);
  const step = deps.reporter.start('Password admin', 'Resetting with Grafana’s own CLI');
  try {
    await resetPassword(engine, grafana.id, parseVersion(health?.version ?? ''), value);
  } catch (error) {
    step.failed();
    await prepared.discard();
    throw given ? naming(PASSWORD_VARIABLE, error) : error;
  }
  step.done('Reset');
  await prepared.takePlace();
  const { admin_user: user } = loaded.config.grafana;
  const source = folder.passwordPath;
  const isAccepted = await accepts(grafanaOf(session, { value, source }, health?.version ?? ''));
  const notAccepted = `Grafana does not accept this password for user "${user}": Grafana keeps the user name of its first start, so set \`grafana.admin_user\` to that one; or five wrong passwords have locked the user for five minutes`;
  return { kind: 'password', user, password: value, source, reset: true, notices: isAccepted ? [] : [notAccepted] };
};

/** Grafana's CLI sets the password of the first user, whatever its name. */
const accepts = async (grafana: GrafanaClient): Promise<boolean> => {
  try {
    await grafana.signedIn(async () => {});
    return true;
  } catch (error) {
    if (error instanceof MonitorError && error.code === 'grafana-password') return false;
    throw error;
  }
};

const naming = (variable: string, error: unknown): unknown =>
  error instanceof MonitorError
    ? new MonitorError({
        ...error,
        message: error.message,
        detail: [...error.detail, `the new password came from ${variable}`],
        suggestion: `the old password is still valid; set ${variable} to another one, or unset it to have one generated`,
        cause: error,
      })
    : error;
