import { describe, expect, it } from 'vitest';
import { resolveTargets } from '../../../src/stack/resolve-targets.ts';
import { container } from '../../support/containers.ts';
import { attached, config, network, observed } from '../../support/observed.ts';

it('dials the stack’s own Grafana by a name that no other container called grafana has, and keeps its instance', () => {
  const { targets } = resolveTargets(config('name: demo'), observed());
  expect(targets.find((t) => t.job === 'grafana')).toMatchObject({
    address: 'demo-grafana:3000',
    instance: 'grafana:3000',
  });
});

describe('the network of a target whose container does not run', () => {
  const web = container('web', { state: 'exited', networks: [attached('app')] });
  const needed = (...others: ReturnType<typeof container>[]) => {
    const engine = observed({ networks: [network('app')], containers: [web, ...others] });
    return resolveTargets(config('name: demo', 'targets: ["web:9100"]'), engine).targets.flatMap(
      (t) => t.network ?? [],
    );
  };

  it('is not joined', () => {
    expect(needed()).toEqual([]);
  });

  it('is kept where Prometheus is on it', () => {
    const labels = { 'monitor.stack': 'demo', 'monitor.role': 'prometheus' };
    expect(needed(container('prometheus', { labels, networks: [attached('app')] }))).toEqual(['app']);
  });
});

describe('static targets of passed-through scrape configs', () => {
  const engine = observed({
    networks: [network('app')],
    containers: [container('web', { networks: [attached('app')] })],
  });

  it('are known as endpoints of their containers, whose networks are needed', () => {
    const { passed, networks } = resolveTargets(
      config('scrape_configs:', '- {job_name: own, static_configs: [{targets: ["web:9100"]}]}'),
      engine,
    );
    expect(passed).toMatchObject([
      { job: 'own', address: 'web:9100', metrics_path: '/metrics', containerId: 'id-of-web' },
    ]);
    expect(networks).toEqual(['app']);
  });

  it('are not where relabelling has another one asked', () => {
    const relabel = 'relabel_configs: [{target_label: __address__, replacement: "probe:9115"}]';
    const { passed } = resolveTargets(
      config('scrape_configs:', `- {job_name: own, static_configs: [{targets: ["web:9100"]}], ${relabel}}`),
      engine,
    );
    expect(passed).toEqual([]);
  });
});
