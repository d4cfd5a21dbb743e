import type { DashboardSource } from '../config/model.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import type { LookedAtDashboards } from '../grafana/dashboard-model.ts';
import { lookAtDashboards, observeDashboards } from '../grafana/observe-dashboards.ts';
import type { GrafanaVersion } from '../grafana/version.ts';
import type { GenerateOptions } from './draft.ts';
import { generateAgain, type Metrics, outlineFor } from './generate-again.ts';
import { importDashboards, importTarget, withGenerated } from './import.ts';
import { type DashboardPlaces, readDashboards } from './sources.ts';

export interface DashboardsToCompare {
  client: GrafanaClient;
  version: GrafanaVersion;
  /** Our datasource, under the name that it has in Grafana. */
  ours: { uid: string; name: string };
  /** `dashboards` of monitor.yml. */
  sources: readonly DashboardSource[];
  places: DashboardPlaces;
  /** The stack's name. */
  stack: string;
  metrics: Metrics;
  /** As `GenerateOptions` has it. */
  slow?: GenerateOptions['slow'];
}

/** How the generated dashboards are written for this server. */
export const generateOptions = ({
  stack,
  version,
  ours,
  slow,
}: Pick<DashboardsToCompare, 'stack' | 'version' | 'ours' | 'slow'>): GenerateOptions => ({
  stack,
  grafanaMajor: version.major,
  datasource: { uid: ours.uid, name: ours.name },
  slow,
});

/**
 * Reads the files, looks at Prometheus and Grafana, and says what Grafana is to have and what it has. Changes nothing but
 * the folder of downloads. Fails as Grafana's client does; without an answer of Prometheus nothing is generated.
 */
export const compareDashboards = async (input: DashboardsToCompare): Promise<LookedAtDashboards> => {
  const { client, version, ours, sources, places, metrics } = input;
  const options = generateOptions(input);
  const [read, seen, outline] = await Promise.all([
    readDashboards(sources, places),
    lookAtDashboards(client),
    outlineFor(metrics, options).catch(() => undefined),
  ]);
  const imported = importDashboards(read.files, await importTarget(read.files, { version, ours }, client));
  const taken = new Set(imported.dashboards.map(({ uid }) => uid));
  const generated = outline === undefined ? [] : await generateAgain(metrics, options, outline, seen, taken);
  const problems = [...read.problems, ...imported.problems];
  const desired = {
    dashboards: withGenerated(imported.dashboards, generated),
    unread: problems.map(({ source }) => source),
  };
  return {
    desired,
    observed: await observeDashboards(client, desired, seen),
    problems,
    notices: [...read.notices, ...imported.notices],
    scrapes: outline?.scrapes,
  };
};
