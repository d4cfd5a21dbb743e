import { expect, it } from 'vitest';
import { defaultsFor } from '../../../src/config/defaults.ts';
import type { ExporterConfig } from '../../../src/config/model.ts';
import type { Container } from '../../../src/docker/engine.ts';
import { toContainerDetail } from '../../../src/docker/mapping.ts';
import { unreadServers } from '../../../src/exporters/unread-server.ts';
import { sessionOn } from '../../../src/stack/session.ts';
import { container } from '../../support/containers.ts';
import { depsIn } from '../../support/deps.ts';
import { fakeEngine } from '../../support/fake-engine.ts';

const exporter: ExporterConfig = {
  name: 'redis',
  for: 'cache',
  port: 6379,
  image: 'redis-exporter',
  container: 'cache-redis-exporter',
  job_name: 'redis',
};

/** The containers of exporters that cannot read their server, where `redis_up` was 0 in a scrape at 12:00:00. */
const unread = async (startedAt: string, state: Container['state'] = 'running'): Promise<string[]> => {
  const lists = { targets: [], exporters: [exporter], scrape_configs: [], dashboards: [] };
  const loaded = { config: { ...defaultsFor('shop'), ...lists }, path: '/nowhere/monitor.yml', text: '' };
  const detail = toContainerDetail({ State: { Status: 'running', StartedAt: startedAt } });
  const engine = fakeEngine({
    inspectContainer: async () => detail,
    logs: async () => [],
    exec: async () => ({ exitCode: 1, stdout: '', stderr: '' }),
  });
  const session = sessionOn(depsIn('/'), loaded, engine);
  const time = Date.parse('2026-01-01T12:00:00Z') / 1000;
  const series = [{ labels: { job: 'redis', instance: 'cache:6379' }, samples: [[time, `${time}`] as const] }];
  const query = async () => ({ type: 'vector' as const, series, warnings: [], infos: [] });
  const found = await unreadServers(
    { ...session, prometheus: { ...session.prometheus, query } },
    { containers: [container('cache', { state })] },
  );
  return [...found.keys()];
};

it('an exporter could not read its server at the last scrape', async () => {
  expect(await unread('2026-01-01T11:59:00Z')).toEqual(['cache-redis-exporter']);
});

it('what was scraped before the exporter was started with other credentials does not count', async () => {
  expect(await unread('2026-01-01T12:00:05Z')).toEqual([]);
});

it('an exporter whose server has ended cannot read it, whatever was scraped', async () => {
  expect(await unread('2026-01-01T12:00:05Z', 'exited')).toEqual(['cache-redis-exporter']);
});
