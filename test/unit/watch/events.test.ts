import { expect, it } from 'vitest';
import type { EngineEvent } from '../../../src/docker/engine.ts';
import { whoseNews } from '../../../src/watch/events.ts';

const ofPrometheus = (action: string): EngineEvent => ({
  type: 'container',
  action,
  id: 'p',
  attributes: { 'monitor.stack': 'shop', 'monitor.role': 'prometheus' },
  time: 0,
});

it.each(['start', 'die', 'pause', 'unpause'])('that the stack’s Prometheus has an event `%s` is news', (action) => {
  expect(whoseNews(ofPrometheus(action), new Set())).toBe('ours');
});

it('a reload of the stack’s Prometheus is no news, and neither is what it does with networks', () => {
  const reload = { ...ofPrometheus('kill'), attributes: { ...ofPrometheus('kill').attributes, signal: '1' } };
  expect(whoseNews(reload, new Set())).toBe('none');
  const joins: EngineEvent = { ...ofPrometheus('connect'), type: 'network', id: 'n', attributes: { container: 'p' } };
  expect(whoseNews(joins, new Set(['p']))).toBe('none');
  expect(whoseNews(joins, new Set())).toBe('others');
});
