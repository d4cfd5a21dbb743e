import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addTarget, removeTarget, starterText } from '../../../src/config/edit.ts';
import { fillDefaults } from '../../../src/config/fill.ts';
import { resolve } from '../../../src/config/resolve.ts';

const template = readFileSync(new URL('../../../templates/monitor.yml', import.meta.url), 'utf8');
const starter = (written: Parameters<typeof fillDefaults>[0] = {}) => starterText(template, fillDefaults(written));

describe('the starter file', () => {
  it('has the default of every key', () => {
    const text = starter();
    expect(resolve(text, 'monitor.yml')).toEqual(resolve('version: 1', 'monitor.yml'));
    for (const line of [
      'name: monitoring',
      '  image: prom/prometheus:v3.13.2',
      '  port: 3000',
      '    time: 15d',
      'targets: []',
    ])
      expect(text.split('\n').some((written) => written.startsWith(line))).toBe(true);
  });

  it('points editors at the schema in its first line', () => {
    expect(starter().split('\n')[0]).toBe('# yaml-language-server: $schema=.monitor/monitor.schema.json');
  });

  it('spells out the names that another stack name gives', () => {
    const text = starter({ name: 'shop' });
    expect(resolve(text, 'f')).toEqual(resolve('version: 1\nname: shop', 'f'));
    for (const name of ['shop-monitoring', 'shop-prometheus', 'shop-grafana-data']) expect(text).toContain(`: ${name}`);
  });

  it('has the ports and images that are asked for', () => {
    const image = 'r.io/g@sha256:'.concat('0'.repeat(64));
    const wanted = { prometheus: { port: 9091, image: 'p:1' }, grafana: { port: 3001, image } };
    expect(resolve(starter(wanted), 'f')).toMatchObject(wanted);
  });

  it.each(['1', '007', '1e3', 'true', 'null', 'yes', '0x1'])(
    'quotes a stack name that YAML would not take for text: %s',
    (name) => {
      expect(resolve(starter({ name }), 'f').name).toBe(name);
    },
  );

  it('has examples that are valid without their comment signs', () => {
    const lines = starter().split('\n');
    const text = lines.map((line) => line.replace(/^#(?=\s{3})/, '')).join('\n');
    const examples = text.replace(/^(targets|exporters|scrape_configs|dashboards): \[\]$/gm, '');
    const asKeys = examples
      .replace(/^# What/m, 'targets:\n# What')
      .replace(/^# Exporters/m, 'exporters:\n# Exporters')
      .replace(/^# Anything/m, 'scrape_configs:\n# Anything')
      .replace(/^# Dashboards/m, 'dashboards:\n# Dashboards');
    const config = resolve(asKeys, 'f');
    expect(config.targets.map(({ address }) => address)).toEqual(['events:9100', 'bookings:9100']);
    expect(config.exporters.map(({ container }) => container)).toEqual(['db-postgres-exporter', 'cadvisor']);
    expect(config.scrape_configs.map(({ job_name }) => job_name)).toEqual(['node']);
    expect(config.dashboards).toEqual(['./dashboards', { grafana_com: 1860, revision: 37 }]);
  });

  it('is unchanged after a target was added and removed', () => {
    const added = addTarget(starter(), { address: 'events:9100' }).text;
    expect(added).toContain('\ntargets:\n  - events:9100\n\n# Exporters');
    expect(removeTarget(added, 'events:9100').text).toBe(starter());
  });
});
