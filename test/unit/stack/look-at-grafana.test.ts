import { expect, it } from 'vitest';
import { stateFolderOf } from '../../../src/config/state-folder.ts';
import { grafanaHealth } from '../../../src/grafana/client.ts';
import { prometheusDatasource } from '../../../src/grafana/model.ts';
import { lookAtGrafana } from '../../../src/stack/look-at-grafana.ts';
import type { Session } from '../../../src/stack/session.ts';
import { depsIn } from '../../support/deps.ts';
import { config } from '../../support/observed.ts';
import { grafanaOf, password } from '../grafana/harness.ts';

it('Grafana is not asked for a Prometheus that does not run: it would wait for its name', async () => {
  const { client, requests, transport, url } = await grafanaOf('12.4.3');
  await client.createDatasource(prometheusDatasource('15s'));
  const session = {
    deps: depsIn('/'),
    loaded: { config: config(), path: '/monitor.yml' },
    folder: stateFolderOf('/monitor.yml'),
    transports: { grafana: transport },
    urls: { grafana: url },
    grafanaHealth: () => grafanaHealth(transport, url),
    prometheus: {},
  } as unknown as Session;
  const known = { value: password, source: 'a test' };
  const seen = await lookAtGrafana(session, { password: known, health: true, active: Promise.resolve([]) });
  expect(seen?.resources?.ours?.uid).toBe('prometheus');
  expect(requests.filter((line) => line.includes('/health ') && line.includes('datasources'))).toEqual([]);
});
