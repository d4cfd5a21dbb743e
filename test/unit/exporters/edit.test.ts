import { describe, expect, it } from 'vitest';
import { removeEntries } from '../../../src/config/edit-list.ts';
import { resolve } from '../../../src/config/resolve.ts';
import type { WrittenExporter } from '../../../src/config/schema.ts';
import { addExporter, EXPORTER_LIST, exporterKey } from '../../../src/exporters/edit.ts';
import { failureOf } from '../config/support.ts';

const DB: WrittenExporter = { name: 'postgres', for: 'db' };

describe('adding an exporter changes nothing but its own lines', () => {
  it.each<[string, string, WrittenExporter, string]>([
    ['no list', 'version: 1\n', DB, 'version: 1\nexporters:\n  - name: postgres\n    for: db\n'],
    [
      'an empty list',
      'version: 1\nexporters: [] # none\nname: a\n',
      { name: 'node' },
      'version: 1\nexporters: # none\n  - name: node\nname: a\n',
    ],
    [
      'another server',
      'version: 1\nexporters:\n- {name: postgres, for: db2} # two\n# end\n',
      { ...DB, user: 'yes', database: '7', from_env: true },
      'version: 1\nexporters:\n- {name: postgres, for: db2} # two\n- name: postgres\n  for: db\n  user: "yes"\n  database: "7"\n  from_env: true\n# end\n',
    ],
    [
      'brackets',
      'version: 1\nexporters: [{name: node}]\n',
      DB,
      'version: 1\nexporters: [{name: node}, {name: postgres, for: db}]\n',
    ],
  ])('%s', (_, before, wanted, after) => {
    const { text, change } = addExporter(before, wanted);
    expect(text).toBe(after);
    expect(change).toBe('added');
  });

  it('is undone by removing it', () => {
    const before = 'version: 1\nexporters: []\n# end\n';
    const added = addExporter(before, DB).text;
    expect(removeEntries(EXPORTER_LIST, added, 'monitor.yml', (e) => exporterKey(e) === 'postgres/db')).toMatchObject({
      text: before,
      change: 'removed',
    });
  });
});

describe('the same again', () => {
  const text = 'version: 1\nexporters:\n  - name: postgres # ours\n    for: db\n    user: a # his\n';

  it('does not add a second one', () => {
    expect(addExporter(text, { ...DB, user: 'a' })).toMatchObject({ text, change: 'unchanged' });
    expect(addExporter(text, DB)).toMatchObject({ text, change: 'unchanged' });
  });

  it('with other options has these changed, and keeps the others and its comments', () => {
    const { text: after, change, entry: exporter } = addExporter(text, { ...DB, user: 'b', from_env: 'PGPW' });
    expect(after).toBe(
      'version: 1\nexporters:\n  - name: postgres # ours\n    for: db\n    user: b # his\n    from_env: PGPW\n',
    );
    expect(change).toBe('updated');
    expect(exporter).toMatchObject({ user: 'b', from_env: 'PGPW', port: 5432 });
  });

  it('with a password of its own no longer looks at the environment', () => {
    const fromEnv = addExporter(text, { ...DB, from_env: true }).text;
    const own = addExporter(fromEnv, { ...DB, from_env: false });
    expect(own.text).toContain('from_env: false');
    expect(own.entry.from_env).toBeUndefined();
    expect(resolve(own.text, 'f').exporters[0]?.from_env).toBeUndefined();
  });
});

describe('an exporter is refused', () => {
  it.each<[string, string, WrittenExporter, RegExp]>([
    ['without its server', 'version: 1\n', { name: 'redis' }, /redis needs `for`/],
    ['with what it does not know', 'version: 1\n', { name: 'node', user: 'me' }, /user: is not an option/],
    [
      'under a name that is none',
      'version: 1\n',
      { name: 'redis', for: 'a b' },
      /for: must be the name of a container/,
    ],
    [
      'with a job that is passed on',
      'version: 1\nscrape_configs:\n- job_name: node\n',
      { name: 'node' },
      /the same job "node" \(see line 3\)/,
    ],
  ])('%s', (_, text, wanted, words) => {
    const error = failureOf(() => addExporter(text, wanted));
    expect(error).toMatchObject({ code: 'invalid-exporter', exitCode: 2 });
    expect(error.detail.join('\n')).toMatch(words);
  });

  it('where the file cannot be edited, with the lines to put there', () => {
    const error = failureOf(() => addExporter('version: 1\nexporters: &a []\nscrape_configs: *a\n', DB));
    expect(error).toMatchObject({
      code: 'config-not-editable',
      detail: ['- name: postgres', '  for: db'],
      suggestion: 'add this entry to `exporters` by hand',
    });
  });
});

describe('names', () => {
  const nameOf = (server: string, stack = 'monitoring'): string =>
    addExporter(`version: 1\nname: ${stack}\n`, { name: 'postgres', for: server }).entry.container;

  it('have the stack’s prefix and the server, so that two servers have two exporters', () => {
    expect([nameOf('db'), nameOf('db', 'shop')]).toEqual(['db-postgres-exporter', 'shop-db-postgres-exporter']);
    expect(addExporter('version: 1\n', { name: 'cadvisor' }).entry.container).toBe('cadvisor');
    expect(addExporter('version: 1\n', { name: 'node' }).entry.container).toBe('node-exporter');
  });

  it('fit into a DNS label, and stay distinct', () => {
    const long = nameOf('a'.repeat(100));
    expect(long).toMatch(/^a+-[0-9a-f]{6}-postgres-exporter$/);
    expect(long).toHaveLength(63);
    expect(nameOf(`${'a'.repeat(100)}b`)).not.toBe(long);
  });
});

it('if an update would disturb the file, the error has the whole entry to write', () => {
  const text =
    'version: 1\nexporters: [&e {name: postgres, for: db, user: a, container: mine}]\nscrape_configs: [{job_name: x, y: *e}]\n';
  const error = failureOf(() => addExporter(text, { ...DB, user: 'b' }));
  expect(error).toMatchObject({
    code: 'config-not-editable',
    detail: ['- name: postgres', '  for: db', '  container: mine', '  user: b'],
    suggestion: 'change the entry under `exporters` to this one by hand',
  });
});
