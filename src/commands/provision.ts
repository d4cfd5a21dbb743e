import type { GrafanaPassword } from '../config/state-folder.ts';
import { type DatasourceHealth, type GrafanaClient, grafanaClient } from '../grafana/client.ts';
import { type GrafanaOperation, type ObservedGrafana, prometheusDatasource } from '../grafana/model.ts';
import { planDatasource } from '../grafana/plan.ts';
import { applyGrafana, observeGrafana } from '../grafana/provision.ts';
import { parseVersion } from '../grafana/version.ts';
import type { OperationRow } from '../output/report.ts';
import type { Session } from './session.ts';

interface PlannedGrafana {
  client: GrafanaClient;
  found: ObservedGrafana;
  operations: GrafanaOperation[];
  notices: string[];
}

/** What has to be done in a Grafana that is up and of that version; reads, and changes nothing. */
export const planGrafana = async (
  session: Session,
  password: GrafanaPassword,
  version: string,
): Promise<PlannedGrafana> => {
  const { transports, urls, deps, loaded } = session;
  const client = grafanaClient({
    transport: transports.grafana,
    url: urls.grafana,
    user: loaded.config.grafana.admin_user,
    password: password.value,
    passwordSource: password.source,
    version: parseVersion(version),
    signal: deps.signal,
  });
  const desired = desiredGrafana(session);
  const found = await observeGrafana(client, desired);
  return { client, found, ...planDatasource(desired.datasource, found) };
};

const desiredGrafana = ({ loaded }: Session) => ({ datasource: prometheusDatasource(loaded.config.scrape_interval) });

export const grafanaRow = ({ kind, datasource, cause }: GrafanaOperation): OperationRow => ({
  operation: `${kind === 'createDatasource' ? 'create' : 'update'} datasource ${datasource.name}`,
  cause,
});

interface Provisioned {
  operations: OperationRow[];
  notices: string[];
  datasource: { name: string } & DatasourceHealth;
}

/** Brings the datasource about, and asks after its health. `version`: Grafana's, where it is known already. */
export const provision = async (
  session: Session,
  password: GrafanaPassword,
  version: string | undefined,
): Promise<Provisioned> => {
  const known = version ?? (await session.grafanaHealth())?.version ?? '';
  const { client, found, operations, notices } = await planGrafana(session, password, known);
  for (const operation of operations) {
    const step = session.deps.reporter.start(grafanaRow(operation).operation);
    await applyGrafana(client, operation).catch((error: unknown) => {
      step.failed();
      throw error;
    });
    step.done();
  }
  const wanted = desiredGrafana(session).datasource;
  const now = operations.length === 0 ? found.ours : await client.getDatasourceByUid(wanted.uid);
  const answer: DatasourceHealth =
    now === undefined
      ? { ok: false, message: `Grafana has no datasource with uid "${wanted.uid}"`, how: 'health' }
      : await client.datasourceHealth(now);
  return { operations: operations.map(grafanaRow), notices, datasource: { name: now?.name ?? wanted.name, ...answer } };
};
