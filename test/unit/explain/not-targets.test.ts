import { describe, expect, it } from 'vitest';
import { recognize } from '../../../src/detect/recognize.ts';
import type { Container } from '../../../src/docker/engine.ts';
import type { Subject } from '../../../src/explain/evidence.ts';
import { missingEndpoints, tellingFirst, unusableLabels } from '../../../src/explain/not-targets.ts';
import { container, tcp } from '../../support/containers.ts';

const target = (of: Container, port: number, metrics_path = '/metrics'): Subject => ({
  job: of.name,
  instance: `${of.name}:${port}`,
  endpoint: { address: `${of.name}:${port}`, scheme: 'http', metrics_path },
  origin: 'detected',
  health: 'up',
  standing: 'listed',
  container: of,
});
const missing = (of: Container, ...subjects: Subject[]): string[] =>
  missingEndpoints(recognize([of], () => false).candidates, subjects).map((c) => `${c.port}${c.metrics_path}`);
const unusable = (of: Container, ...subjects: Subject[]): string[] => {
  const { warnings } = recognize([of], () => false);
  return unusableLabels(warnings, subjects).map((w) => w.label);
};

describe('endpoints that labels ask for and that are not targets', () => {
  const web = container('web', { labels: { 'prometheus.io/port': '9100,9200/é,9300' } });

  it('are matched by port and path, even if another endpoint of the container is a target', () => {
    expect(missing(web)).toEqual(['9100/metrics', '9200/é', '9300/metrics']);
    expect(missing(web, target(web, 9100), target(web, 9200, '/%C3%A9'))).toEqual(['9300/metrics']);
    expect(missing(web, target(web, 9100, '/other'))).toContain('9100/metrics');
    expect(missing(web, target(container('db'), 9100))).toContain('9100/metrics');
  });

  it('may have its port from its image', () => {
    const image = 'prom/node-exporter';
    expect(missing(container('node', { image, labels: { 'prometheus.io/scrape': 'true' } }))).toEqual(['9100/metrics']);
    expect(missing(container('node', { image }))).toEqual([]);
  });
});

describe('a label that asks for a scrape and names no port', () => {
  const of = (labels: Record<string, string>, ports: number[] = []) =>
    container('web', { labels, ports: tcp(...ports) });

  it.each([
    [{ 'prometheus.io/scrape': 'true' }, [], ['prometheus.io/scrape']],
    [{ 'prometheus.io/scrape': 'true' }, [5432], ['prometheus.io/scrape']],
    [{ 'prometheus.io/scrape': 'true' }, [80, 8080], ['prometheus.io/scrape']],
    [{ 'prometheus.io/scrape': 'true', 'prometheus.io/port': 'abc' }, [80], ['prometheus.io/port']],
    [{ 'prometheus.io/port': '99999' }, [80], ['prometheus.io/port']],
    [{ 'prometheus.io/port': '9100,abc' }, [], []],
    [{ 'prometheus.io/port': '9100', 'prometheus.io/path': 'http://x' }, [], []],
    [{ 'prometheus.io/path': 'http://x' }, [80], []],
    [{ 'prometheus.io/scrape': 'true' }, [80], []],
  ])('%j beside the ports %j', (labels, ports, expected) => {
    const web = of(labels, ports);
    expect(unusable(web)).toEqual(expected);
    expect(unusable(web, target(web, 80))).toEqual([]);
  });
});

it('the port that says most comes first', () => {
  const row = (target: string, code: string) => ({ target, code, cause: '', health: 'missing' as const });
  const rows = tellingFirst([
    row('a:80', 'not-found'),
    row('a:81', 'not-listening'),
    row('a:90', 'unauthorized'),
    row('a:91', 'wrong-path'),
  ]);
  expect(rows.map((one) => one.target)).toEqual(['a:90', 'a:91', 'a:80', 'a:81']);
});
