import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import type { MonitorConfig } from '../../../src/config/model.ts';
import { resolve } from '../../../src/config/resolve.ts';
import { stackNameRule } from '../../../src/config/values.ts';
import { MonitorError } from '../../../src/errors.ts';
import { kubernetesExport } from '../../../src/export/kubernetes.ts';
import { kubernetesText } from '../../../src/export/kubernetes-files.ts';
import { exportInput } from '../../support/export-input.ts';
import { complaintsAbout } from '../../support/kubernetes-check.ts';

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    'true',
    '1',
    '8080',
    'yes',
    '~',
    '0x1F',
    '1_0',
    '12:30',
    '<<',
    '=',
    '$1',
    '$(A)',
    '\t',
    'a: b',
    '- a',
    '#',
    '\u0085',
  ),
);
const containerName = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,70}$/);
const port = fc.integer({ min: 1, max: 65_535 });
const labels = fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9_]{1,8}$/), text, { maxKeys: 3 });
const target = fc.record(
  {
    address: fc
      .tuple(fc.oneof(containerName, fc.constantFrom('localhost', '[::1]', 'a.b.c')), port)
      .map(([h, p]) => `${h}:${p}`),
    labels,
    scheme: fc.constantFrom('http', 'https'),
  },
  { requiredKeys: ['address'] },
);
const exporter = fc.oneof(
  fc.record({ name: fc.constantFrom('postgres', 'mysql', 'redis', 'nginx'), for: containerName, port }),
  fc.constantFrom({ name: 'node' }, { name: 'cadvisor' }),
);
const passthrough = fc.record({
  job_name: fc.stringMatching(/^[a-z$ ]{1,12}$/).filter((j) => j.trim() === j),
  params: fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.array(text, { maxLength: 2 }), { maxKeys: 2 }),
  basic_auth: fc.record({ username: text, password: text }),
  static_configs: fc.array(
    fc.record({
      targets: fc.array(
        port.map((p) => `db:${p}`),
        { maxLength: 2 },
      ),
      labels,
    }),
    { maxLength: 2 },
  ),
});
const file = fc.record({
  version: fc.constant(1),
  name: fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,62}$/).filter((n) => stackNameRule(n) === undefined),
  targets: fc.array(target, { maxLength: 4 }),
  exporters: fc.array(exporter, { maxLength: 4 }),
  scrape_configs: fc.array(passthrough, { maxLength: 2 }),
});

/** What clashes by chance is refused before it is exported. */
const resolved = (written: object): MonitorConfig | undefined => {
  try {
    return resolve(JSON.stringify(written), 'monitor.yml');
  } catch (error) {
    if (error instanceof MonitorError) return undefined;
    throw error;
  }
};

it('any monitor.yml becomes objects that a cluster takes, and text that reads back as the same', () => {
  let good = 0;
  fc.assert(
    fc.property(file, fc.constantFrom('annotations' as const, 'operator' as const), (written, discovery) => {
      const config = resolved(written);
      fc.pre(config !== undefined);
      if (config === undefined) return;
      good += 1;
      const names = config.targets.map((t) => t.job_name);
      const once = config.targets.filter((t, n) => names.indexOf(t.job_name) === n);
      const workloads = once.map((t) => ({
        container: t.job_name,
        image: 'x',
        ports: [],
        endpoints: [{ ...t, job: t.job_name, instance: t.address, labels: { ...t.labels, container: t.job_name } }],
      }));
      const exported = kubernetesExport(exportInput(config, { workloads }), {
        namespace: 'm',
        discovery,
        labels: {},
        workloads: true,
      });
      const readBack = parseAllDocuments(kubernetesText(exported), { version: '1.1' }).map((d) => d.toJS());
      const plain = JSON.parse(JSON.stringify(exported.objects));
      expect(readBack.filter((o) => o !== null)).toEqual(plain);
      expect(complaintsAbout(plain)).toEqual([]);
      for (const { patch } of exported.patches) expect(Object.keys(parse(JSON.stringify(patch)))).toContain('spec');
    }),
    { numRuns: 25 },
  );
  expect(good).toBeGreaterThan(5);
}, 20_000);
