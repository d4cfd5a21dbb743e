import { expect, it } from 'vitest';
import { targetChanges } from '../../../src/config/edit.ts';
import { fillTarget } from '../../../src/config/fill.ts';

it('an update lists the changed keys only', () => {
  const before = fillTarget({ address: 'a:1', labels: { team: 'x', old: '1', same: 's' } });
  const after = fillTarget({
    address: 'a:1',
    metrics_path: '/other',
    scrape_interval: '5s',
    labels: { team: 'y', same: 's' },
  });
  expect(targetChanges(before, after)).toEqual([
    { key: 'metrics_path', from: '/metrics', to: '/other' },
    { key: 'scrape_interval', from: null, to: '5s' },
    { key: 'labels.team', from: 'x', to: 'y' },
    { key: 'labels.old', from: '1', to: null },
  ]);
  expect(targetChanges(before, before)).toEqual([]);
});
