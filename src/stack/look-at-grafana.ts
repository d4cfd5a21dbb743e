import { type GrafanaPassword, knownPassword } from '../config/state-folder.ts';
import { MonitorError } from '../errors.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import { type ObservedDatasource, prometheusDatasource } from '../grafana/model.ts';
import { observeGrafana } from '../grafana/observe.ts';
import { lookAtDashboards, type RunningGrafana } from './dashboards.ts';
import type { DatasourceAnswer, SeenGrafana } from './model.ts';
import { grafanaOf, type Session } from './session.ts';

interface LookOptions extends Pick<RunningGrafana, 'jobs' | 'active'> {
  /** Absent: as the environment or the state folder has it; where neither does, only the version is seen. */
  password?: GrafanaPassword;
  /** Whether all dashboards are compared, though nothing may have changed since an earlier look. */
  overwrite?: boolean;
  /** Whether the datasource is asked too. */
  health?: boolean;
}

/** What a Grafana that is up has; `undefined` while it is not. */
export const lookAtGrafana = async (
  session: Session,
  { password, jobs, overwrite = false, health: asked = false, active }: LookOptions = {},
): Promise<SeenGrafana | undefined> => {
  const health = await session.grafanaHealth();
  if (health === undefined) return undefined;
  const { version } = health;
  const known = password ?? (await knownPassword(session.folder, session.deps.env));
  if (known === undefined) return { version };
  const client = grafanaOf(session, known, version);
  const wanted = prometheusDatasource(session.loaded.config.scrape_interval);
  try {
    return await client.signedIn(async () => {
      const observing = observeGrafana(client, { datasource: wanted });
      const name = observing.then(({ ours }) => ours?.name);
      const [resources, dashboards, datasource] = await Promise.all([
        observing,
        lookAtDashboards(session, { client, version, datasource: name, jobs, active }, overwrite),
        observing.then(async ({ ours }) =>
          asked && ours !== undefined && (await scrapes(active)) ? answerOf(client, ours) : undefined,
        ),
      ]);
      return { version, resources, dashboards, datasource };
    });
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    // It has answered, and is stopped or restarted now.
    return error.code === 'grafana-unreachable' ? undefined : { version, refusal: error };
  }
};

/** Grafana waits up to 15 s for the name of a Prometheus that does not run; one without targets has nothing to tell yet. */
const scrapes = async (active: LookOptions['active']): Promise<boolean> => (await active)?.length !== 0;

const answerOf = async (client: GrafanaClient, ours: ObservedDatasource): Promise<DatasourceAnswer> => ({
  name: ours.name,
  ...(await client.datasourceHealth(ours)),
});

/** Whether the datasource reaches Prometheus now. */
export const datasourceAnswer = async (client: GrafanaClient, uid: string): Promise<DatasourceAnswer> => {
  const now = await client.getDatasourceByUid(uid);
  return now === undefined
    ? { name: uid, ok: false, message: `Grafana has no datasource with uid "${uid}"`, how: 'health' }
    : answerOf(client, now);
};
