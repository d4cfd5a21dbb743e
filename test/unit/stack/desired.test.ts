import { describe, expect, it } from 'vitest';
import type { DesiredContainer } from '../../../src/stack/model.ts';
import { container } from '../../support/containers.ts';
import { attached, config, desiredFor, network, observed } from '../../support/observed.ts';

const of = (role: string, ...lines: string[]): DesiredContainer => {
  const found = desiredFor(config(...lines)).containers.find((c) => c.role === role);
  if (found === undefined) throw new Error(`no ${role}`);
  return found;
};
const hash = (role: string, ...lines: string[]) => of(role, ...lines).spec.labels['monitor.config-hash'];

describe('every container of the stack', () => {
  it.each(['prometheus', 'grafana'])('%s is bounded and unprivileged', (role) => {
    expect(of(role).spec).toMatchObject({
      restart: 'unless-stopped',
      capDrop: ['ALL'],
      securityOpt: ['no-new-privileges'],
      logOptions: { 'max-size': '10m', 'max-file': '3' },
    });
    expect(of(role).spec.binds).toBeUndefined();
    expect(of(role).spec.pidMode).toBeUndefined();
  });

  it.each(['prometheus', 'grafana'])('%s publishes its port on `bind` alone', (role) => {
    expect(of(role).spec.ports.map((p) => p.bind)).toEqual(['127.0.0.1']);
    expect(of(role, 'bind: "::1"').spec.ports.map((p) => p.bind)).toEqual(['::1']);
  });

  it('is labelled with its stack, its role and the hash of all that cannot change while it runs', () => {
    expect(of('grafana', 'name: shop').spec.labels).toEqual({
      'monitor.stack': 'shop',
      'monitor.role': 'grafana',
      'monitor.config-hash': expect.stringMatching(/^[0-9a-f]{12}$/),
    });
  });
});

describe('the config hash', () => {
  it.each([
    'prometheus: {port: 9191}',
    'prometheus: {image: other}',
    'prometheus: {container: other}',
    'prometheus: {volume: other}',
    'prometheus: {retention: {size: 1GB}}',
    'bind: 0.0.0.0',
    'network: other',
  ])('of Prometheus changes with `%s`', (line) => {
    expect(hash('prometheus', line)).not.toBe(hash('prometheus'));
  });

  it.each(['scrape_interval: 1s', 'targets: ["a:1"]', 'grafana: {port: 3003}', 'scrape_configs: [{job_name: j}]'])(
    'of Prometheus stays with `%s`',
    (line) => {
      expect(hash('prometheus', line)).toBe(hash('prometheus'));
    },
  );

  it('of Grafana stays when only its password is another one', () => {
    const [, before] = desiredFor(config(), observed(), 'hunter1').containers;
    const [, after] = desiredFor(config(), observed(), 'hunter2').containers;
    expect(after?.spec).toEqual(before?.spec);
    expect(after?.files).not.toEqual(before?.files);
  });
});

describe('networks', () => {
  it('Grafana is on the stack’s alone, Prometheus also on those of its targets, by name', () => {
    const engine = observed({
      containers: [
        container('b', { networks: [attached('zoo')] }),
        container('a', { networks: [attached('app')] }),
        container('c', { networks: [attached('monitoring'), attached('app')] }),
      ],
      networks: [network('bridge'), network('zoo'), network('app'), network('monitoring')],
    });
    const wanted = desiredFor(config('targets: ["b:1", "a:1", "c:1"]'), engine);
    expect(wanted.containers.map((c) => c.networks.map((n) => n.name))).toEqual([
      ['monitoring', 'app', 'zoo'],
      ['monitoring'],
    ]);
  });

  it('Prometheus is `prometheus` there, whatever its container is called', () => {
    expect(of('prometheus', 'prometheus: {container: prom1}').networks[0]).toEqual({
      name: 'monitoring',
      aliases: ['prometheus'],
    });
  });

  it('those of passed-through static targets are joined too', () => {
    const engine = observed({
      containers: [container('db', { networks: [attached('shop')] })],
      networks: [network('bridge'), network('shop')],
    });
    const line = 'scrape_configs: [{job_name: j, static_configs: [{targets: ["db:9187"]}]}]';
    expect(desiredFor(config(line), engine).containers[0]?.networks.map((n) => n.name)).toEqual(['monitoring', 'shop']);
  });
});

describe('the password', () => {
  it('is a file that only Grafana reads, and no environment', () => {
    expect(of('grafana').files).toEqual([
      { path: '/run/secrets/grafana_admin_password', content: 'secret', secret: true },
    ]);
    expect(of('grafana').spec.env).toMatchObject({
      GF_SECURITY_ADMIN_USER: 'admin',
      GF_SECURITY_ADMIN_PASSWORD__FILE: '/run/secrets/grafana_admin_password',
    });
    expect(of('grafana').spec.env).not.toHaveProperty('GF_SECURITY_ADMIN_PASSWORD');
  });
});
