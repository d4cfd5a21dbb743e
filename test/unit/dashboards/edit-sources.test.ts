import { expect, it } from 'vitest';
import { resolve } from '../../../src/config/resolve.ts';
import { addSource, removeSource } from '../../../src/dashboards/edit-sources.ts';

const FILE = 'monitor.yml';
const text = `# my stack
name: demo
dashboards: # mine
  - ./api.json # the API
`;

it('adds a file and a published dashboard to monitor.yml, and leaves the rest as it is', () => {
  const once = addSource(text, 'dashboards/new.json', FILE);
  const twice = addSource(once.text, { grafana_com: 1860, revision: 37 }, FILE);
  expect(twice.change).toBe('added');
  expect(twice.text.startsWith(text)).toBe(true);
  expect(resolve(twice.text, FILE).dashboards).toEqual([
    './api.json',
    'dashboards/new.json',
    { grafana_com: 1860, revision: 37 },
  ]);
  expect(addSource(twice.text, { grafana_com: 1860, revision: 37 }, FILE)).toEqual({ ...twice, change: 'unchanged' });
  expect(resolve(addSource('name: demo\n', 'a.json', FILE).text, FILE).dashboards).toHaveLength(1);
});

it('removes an entry, and leaves the others and the comments', () => {
  const more = addSource(text, { grafana_com: 1860, revision: 37 }, FILE).text;
  expect(removeSource(more, { grafana_com: 1860, revision: 37 }, FILE)).toBe(text);
  expect(resolve(removeSource(more, './api.json', FILE), FILE).dashboards).toEqual([
    { grafana_com: 1860, revision: 37 },
  ]);
});
