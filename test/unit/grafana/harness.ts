import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type GrafanaClient, grafanaClient, grafanaHealth } from '../../../src/grafana/client.ts';
import type { DashboardOperation } from '../../../src/grafana/reconcile-dashboards.ts';
import { parseVersion } from '../../../src/grafana/version.ts';
import { directTransport, type Transport } from '../../../src/http.ts';
import type { StandInVersion } from '../../support/grafana-stand-in/profile.ts';
import { startStandIn } from '../../support/grafana-stand-in/start.ts';

export const password = 'right-password';

/** A Grafana of that version with nothing in it, a client of it, and what it is asked: `GET /api/search 200`. */
export async function grafanaOf(
  version: StandInVersion,
): Promise<{ client: GrafanaClient; requests: string[]; transport: Transport; url: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'monitor-grafana-'));
  const requests: string[] = [];
  const log = (line: string) => requests.push(line);
  const standIn = await startStandIn({ version, dataDir, adminPassword: password, port: 0, log });
  onTestFinished(async () => {
    await standIn.close();
    rmSync(dataDir, { recursive: true });
  });
  const transport = directTransport('127.0.0.1', standIn.port);
  const health = await grafanaHealth(transport, standIn.url);
  const client = grafanaClient({
    ...{ transport, url: standIn.url, user: 'admin', password, passwordSource: 'a test' },
    version: parseVersion(health?.version ?? ''),
  });
  requests.length = 0;
  return { client, requests, transport, url: standIn.url };
}

/** Does one operation, as `up` does. */
export const applyDashboardOperation = async (client: GrafanaClient, operation: DashboardOperation): Promise<void> => {
  if (operation.kind === 'createFolder') await client.createFolder(operation.folder);
  if (operation.kind === 'saveDashboard') await client.saveDashboard(operation);
  if (operation.kind === 'deleteDashboard') await client.deleteDashboard(operation.uid);
};
