import { expect, it } from 'vitest';
import { prometheusDatasource } from '../../../src/grafana/model.ts';
import {
  changesSomething,
  describe,
  type Operation,
  type OperationKind,
  type OperationKinds,
} from '../../../src/stack/operations.ts';
import { config, desiredFor } from '../../support/observed.ts';

const datasource = prometheusDatasource('15s');
const spec = desiredFor(config()).containers[0]?.spec;
if (spec === undefined) throw new Error('no container');

/** One of each kind: the compiler asks for a new one here. */
const EXAMPLES: { [K in OperationKind]: [OperationKinds[K], string] } = {
  pullImage: [{ image: 'i:1' }, 'pull image i:1'],
  createNetwork: [{ name: 'n', labels: {} }, 'create network n'],
  createVolume: [{ name: 'v', labels: {} }, 'create volume v'],
  checkConfig: [{ text: '', container: 'c' }, 'check prometheus.yml with promtool in c'],
  createContainer: [{ role: 'prometheus', spec }, 'create container prometheus'],
  stopContainer: [{ container: 'c', graceSeconds: 5 }, 'stop container c'],
  removeContainer: [{ container: 'c', id: 'x' }, 'remove container c'],
  connectNetwork: [{ container: 'c', network: 'n', aliases: [] }, 'connect c to network n'],
  disconnectNetwork: [{ container: 'c', network: 'n' }, 'disconnect c from network n'],
  putFiles: [{ container: 'c', files: [{ path: '/a', content: 'hidden', secret: true }] }, 'put /a into c'],
  startContainer: [{ role: 'grafana', container: 'c', port: undefined }, 'start container c'],
  reloadConfig: [{ container: 'c' }, 'reload c'],
  awaitReady: [{ role: 'grafana', container: 'c' }, 'wait until c is ready'],
  awaitConfig: [{ container: 'c', text: '' }, 'wait until c has loaded prometheus.yml'],
  removeNetwork: [{ name: 'n', id: 'x' }, 'remove network n'],
  removeVolume: [{ name: 'v' }, 'remove volume v'],
  createDatasource: [{ datasource }, 'create datasource Prometheus'],
  updateDatasource: [
    { current: { ...datasource, id: 1, readOnly: false, fields: {} }, datasource },
    'update datasource Prometheus',
  ],
  createFolder: [{ folder: { uid: 'monitor', title: 'Monitor' } }, 'create folder Monitor'],
  saveDashboard: [
    { uid: 'api', title: 'API', folderUid: 'monitor', dashboard: {}, replaces: 3 },
    'update dashboard API',
  ],
  deleteDashboard: [{ uid: 'api', title: 'API' }, 'remove dashboard API'],
};

it.each(Object.entries(EXAMPLES))('%s is described for a person', (kind, [parts, text]) => {
  const operation = { kind, part: 'stack', cause: 'a test', ...parts } as Operation;
  expect(describe(operation)).toBe(text);
  expect(changesSomething(operation)).toBe(!kind.startsWith('await'));
});
