import type { DashboardSource } from '../config/model.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import { hashOf } from '../grafana/dashboard-content.ts';
import { type LookedAtDashboards, NOTHING_TO_COMPARE, type NothingToDo } from '../grafana/dashboard-model.ts';
import { observeDashboards, type StoredDashboards } from '../grafana/observe-dashboards.ts';
import type { GrafanaVersion } from '../grafana/version.ts';
import type { GenerateOptions } from './draft.ts';
import { dashboardsFromMetrics, type Metrics, outlineOf } from './from-metrics.ts';
import { withSamples } from './generated.ts';
import { importDashboards, importTarget } from './import.ts';
import { type DashboardPlaces, readDashboards } from './sources.ts';

export interface DashboardsToCompare extends GenerateOptions {
  client: GrafanaClient;
  version: GrafanaVersion;
  stored: Promise<StoredDashboards>;
  /** `dashboards` of monitor.yml. */
  sources: readonly DashboardSource[];
  places: DashboardPlaces;
  metrics: Metrics;
  /** Of an earlier look; absent: all dashboards are compared. */
  last?: NothingToDo;
}

/**
 * Reads the files, looks at Prometheus and Grafana, and says what Grafana is to have and what it has. Changes nothing but
 * the folder of downloads. Fails as Grafana's client does; without an answer of Prometheus nothing is generated.
 */
export const compareDashboards = async (input: DashboardsToCompare): Promise<LookedAtDashboards> => {
  const { client, stack, version, ours, slow, sources, places, metrics, last } = input;
  const options = { stack, version, ours, slow };
  const [read, { revisions, whole }, outline, news] = await Promise.all([
    readDashboards(sources, places),
    input.stored,
    outlineOf(metrics, options).catch(() => undefined),
    last && withSamples(metrics.prometheus, last.waiting),
  ]);
  const target = await importTarget(read.files, { version, ours }, client);
  const { answering } = metrics;
  const made = [outline?.hash, [...answering].sort(), read, target, [...target.libraryPanels]];
  const from = outline && hashOf(JSON.stringify(made));
  const stored = hashOf(JSON.stringify([...revisions].sort()));
  const scrapes = outline?.scrapes;
  if (last !== undefined && last.from === from && last.stored === stored && news?.size === 0)
    return { ...NOTHING_TO_COMPARE, problems: last.problems, notices: last.notices, scrapes };

  const seen = await whole();
  const imported = importDashboards(read.files, target);
  const taken = new Set(imported.dashboards.map(({ uid }) => uid));
  const generated = outline && (await dashboardsFromMetrics(metrics, options, outline, seen, taken));
  const problems = [...read.problems, ...imported.problems];
  const desired = {
    dashboards: [...(generated?.dashboards ?? []), ...imported.dashboards],
    unread: problems.map(({ source }) => source),
  };
  // Those that the user has moved are not among the stored ones that were looked at.
  const inFolder = new Set(seen.dashboards.map(({ uid }) => uid));
  const isWhole = desired.dashboards.every(({ uid }) => inFolder.has(uid));
  return {
    desired,
    observed: await observeDashboards(client, desired, seen),
    problems,
    notices: [...read.notices, ...imported.notices],
    scrapes,
    basis: generated && from !== undefined && isWhole ? { from, stored, waiting: generated.waiting } : undefined,
  };
};
