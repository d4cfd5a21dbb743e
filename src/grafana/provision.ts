import type { GrafanaClient } from './client.ts';
import type { DesiredGrafana, GrafanaOperation, GrafanaOperationKind, ObservedGrafana } from './model.ts';
import { needsOthers } from './plan.ts';

/** Looks at what the plan depends on, one request after another: a wrong password must be sent once only. */
export async function observeGrafana(client: GrafanaClient, desired: DesiredGrafana): Promise<ObservedGrafana> {
  const { datasource } = desired;
  const ours = await client.getDatasourceByUid(datasource.uid);
  const all = needsOthers(datasource, ours) ? await client.listDatasources() : [];
  return { ours, others: all.filter((one) => one.uid !== datasource.uid) };
}

type Executors = {
  [K in GrafanaOperationKind]: (client: GrafanaClient, operation: GrafanaOperation<K>) => Promise<void>;
};

const executors: Executors = {
  createDatasource: (client, { datasource }) => client.createDatasource(datasource),
  updateDatasource: (client, { current, datasource }) => client.updateDatasource(current, datasource),
};

/** Does one operation of a plan. Fails as the client's call does. */
export const applyGrafana = <K extends GrafanaOperationKind>(
  client: GrafanaClient,
  operation: GrafanaOperation<K>,
): Promise<void> => executors[operation.kind](client, operation);
