import { expect, it } from 'vitest';
import { isMeant } from '../../../src/commands/explain.ts';
import type { Subject } from '../../../src/explain/evidence.ts';
import { container } from '../../support/containers.ts';

const web: Subject = {
  job: 'shop',
  instance: 'shop-web-2:9100',
  endpoint: { address: 'shop-web-2:9100', scheme: 'http', metrics_path: '/metrics' },
  origin: 'detected',
  health: 'up',
  standing: 'listed',
  container: container('shop-web-2', { id: 'abcdef0123456789', labels: { 'com.docker.compose.service': 'web' } }),
};

it.each([
  'shop',
  'shop-web-2',
  'shop-web-2:9100',
  'shop-web-2:9100/metrics',
  'web',
  'web:9100',
  'web:9100/metrics',
  'abcdef012345',
])('explain %s is about a target that is so called', (word) => {
  expect(isMeant(web, word)).toBe(true);
});

it.each(['web:9101', 'web:9100/other', 'shop-web', 'abcdef0123456780'])('explain %s is not', (word) => {
  expect(isMeant(web, word)).toBe(false);
});
