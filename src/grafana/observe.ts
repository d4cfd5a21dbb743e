import type { GrafanaClient } from './client.ts';
import type { DesiredGrafana, ObservedGrafana } from './model.ts';
import { needsOthers } from './reconcile.ts';

/** Looks at what the plan depends on. */
export async function observeGrafana(client: GrafanaClient, desired: DesiredGrafana): Promise<ObservedGrafana> {
  const { datasource } = desired;
  const ours = await client.getDatasourceByUid(datasource.uid);
  const all = needsOthers(datasource, ours) ? await client.listDatasources() : [];
  return { ours, others: all.filter((one) => one.uid !== datasource.uid) };
}
