import type { ListedDatasource } from '../../grafana/datasources.ts';
import { type JsonRecord, textOf } from '../../json.ts';
import type { PrometheusClient } from '../../prometheus/client.ts';
import { fillText, type Values } from './interpolate.ts';

/** What a check asks, and what it knows of Grafana. */
export interface CheckContext {
  prometheus: PrometheusClient;
  ours: string;
  /** Grafana's; absent where it was not asked, and then those of other plugins are not checked. */
  datasources?: readonly ListedDatasource[];
  /** Its `jsonData.timeInterval`, a Prometheus duration. */
  scrapeInterval: string | undefined;
  /** Models by uid, for panels that only name one. */
  libraryPanels?: ReadonlyMap<string, JsonRecord>;
  /** Unix time in seconds. */
  now: number;
}

/** Where a query goes: to our Prometheus, to something that is not checked, or to a datasource that Grafana does not have. */
export const placeOf = (
  datasource: unknown,
  values: Values,
  { datasources, ours }: CheckContext,
): 'ours' | 'other' | { name: string } => {
  const type = textOf(datasource, 'type');
  const written = typeof datasource === 'string' ? datasource : textOf(datasource, 'uid');
  const name = fillText(written, values);
  if (['grafana', 'datasource', '__expr__'].includes(type) || /^-- .* --$/.test(name)) return 'other';
  const found = datasources?.find(({ uid, name: called, isDefault }) =>
    name === '' || name === 'default' ? isDefault : uid === name || called === name,
  );
  if (found === undefined && (name === '' || name === ours)) return 'ours';
  if (found === undefined && datasources === undefined) return type === '' || type === 'prometheus' ? 'ours' : 'other';
  if (found === undefined) return { name };
  return found.uid === ours ? 'ours' : 'other';
};
