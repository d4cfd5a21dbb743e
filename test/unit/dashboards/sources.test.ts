import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DashboardSource } from '../../../src/config/model.ts';
import { stateFolderOf } from '../../../src/config/state-folder.ts';
import { type Download, newestRevision, readDashboards } from '../../../src/dashboards/sources.ts';

let base: string;
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'monitor-dashboards-'));
});
afterEach(() => rm(base, { recursive: true }));

const offline: Download = async () => {
  throw new Error('getaddrinfo ENOTFOUND grafana.com');
};
const read = (sources: DashboardSource[], download = offline) =>
  readDashboards(sources, { base, stateFolder: stateFolderOf(join(base, 'monitor.yml')), download });

describe('files and folders', () => {
  it('are read as monitor.yml names them, all JSON below a folder in order', async () => {
    await mkdir(join(base, 'dir/deep'), { recursive: true });
    await mkdir(join(base, 'dir/node_modules'));
    for (const path of [
      'api.json',
      'dir/b.json',
      'dir/a.JSON',
      'dir/deep/c.json',
      'dir/readme.md',
      'dir/node_modules/x.json',
      'dir/.d.json',
    ])
      await writeFile(join(base, path), path);
    const { files, problems } = await read(['api.json', './dir/']);
    expect(problems).toEqual([]);
    expect(files.map(({ source, text, inFolder }) => [source, text === source, inFolder])).toEqual([
      ['api.json', true, false],
      ['dir/a.JSON', true, true],
      ['dir/b.json', true, true],
      ['dir/deep/c.json', true, true],
    ]);
    expect((await read(['dir/b.json', 'dir'])).files).toHaveLength(3);
    expect((await read([join(base, 'api.json')])).files[0]?.source).toBe('api.json');
    expect((await read(['.'])).files.map(({ source }) => source)).toContain('dir/b.json');
  });

  it('that are missing or too large are named, and the rest is read', async () => {
    await writeFile(join(base, 'api.json'), '{}');
    await writeFile(join(base, 'large.json'), Buffer.alloc(50 * 1024 * 1024));
    const { files, problems } = await read(['gone.json', 'large.json', 'api.json']);
    expect(files.map(({ source }) => source)).toEqual(['api.json']);
    expect(problems).toEqual([
      { source: 'gone.json', message: 'not found' },
      { source: 'large.json', message: expect.stringContaining('50 MB') },
    ]);
  });
});

describe('a published dashboard', () => {
  const published = { grafana_com: 1860, revision: 37 };
  const source = 'grafana.com 1860 revision 37';

  it('is downloaded once, and kept with its checksum for runs without a network', async () => {
    const urls: string[] = [];
    const download: Download = async (url) => {
      urls.push(url);
      return '{"panels":[]}';
    };
    const first = await read([published], download);
    expect(first.files).toEqual([{ source, text: '{"panels":[]}', inFolder: false }]);
    expect(urls).toEqual(['https://grafana.com/api/dashboards/1860/revisions/37/download']);
    expect(await read([published])).toEqual(first);
    expect(await readFile(join(base, '.monitor/.gitignore'), 'utf8')).toBe('*\n');
    expect(await readFile(join(base, '.monitor/dashboards/1860-37.json.sha256'), 'utf8')).toMatch(
      /^[\da-f]{64} {2}1860-37\.json\n$/,
    );
  });

  it('is named where it was changed since, or cannot be had', async () => {
    await read([published], async () => '{"panels":[]}');
    await writeFile(join(base, '.monitor/dashboards/1860-37.json'), '{"panels":[1]}');
    const changed = await read([published]);
    expect(changed).toMatchObject({ files: [], problems: [{ source, message: expect.stringMatching(/delete it/) }] });
    const offline = await read([{ grafana_com: 1, revision: 1 }]);
    expect(offline.problems[0]?.message).toMatch(/^cannot be downloaded: getaddrinfo ENOTFOUND/);
    expect(offline.problems[0]?.source).toBe('grafana.com 1 revision 1');
  });

  it('without a revision is the newest one of the first download', async () => {
    const download: Download = async (url) => (url.endsWith('/1860') ? '{"revision":42}' : `{"panels":["${url}"]}`);
    const { files } = await read([{ grafana_com: 1860 }], download);
    expect(files).toMatchObject([{ source: 'grafana.com 1860', text: expect.stringContaining('/revisions/42/') }]);
    expect((await read([{ grafana_com: 1860 }])).files).toEqual(files);
  });

  it('tells its newest revision', async () => {
    expect(await newestRevision(1860, { download: async () => '{"id":1860,"revision":42}' })).toBe(42);
    await expect(newestRevision(1, { download: offline })).rejects.toMatchObject({ code: 'download-failed' });
  });
});
