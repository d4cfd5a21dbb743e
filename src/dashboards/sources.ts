import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import type { DashboardSource } from '../config/model.ts';
import { makeFolder, readText, type StateFolder, stateFolderOf } from '../config/state-folder.ts';
import { writeFileAtomically } from '../config/write.ts';
import { codeOf, errorText, MonitorError } from '../errors.ts';
import type { Problem } from '../grafana/dashboard-model.ts';
import { isRecord, parseJson } from '../json.ts';
import type { DashboardFile } from './import.ts';
import { sourceName } from './source-name.ts';

export interface ReadDashboards {
  files: DashboardFile[];
  problems: Problem[];
  notices: string[];
}

/** Gets a text from the network; fails with an Error whose message says why. */
export type Download = (url: string, signal?: AbortSignal) => Promise<string>;

export interface DashboardPlaces {
  /** The folder of monitor.yml, which paths are from. */
  base: string;
  stateFolder: StateFolder;
  download?: Download;
  signal?: AbortSignal;
}

/** A dashboard has some hundred kilobytes; what is larger is something else. */
const MAX_BYTES = 10 * 1024 * 1024;

/** Reads what monitor.yml names; each file that cannot be read is a problem, and the rest is there. */
export async function readDashboards(
  sources: readonly DashboardSource[],
  places: DashboardPlaces,
): Promise<ReadDashboards> {
  return together(await Promise.all(sources.map((source) => readSource(source, places))));
}

const together = (read: readonly ReadDashboards[], notices: readonly string[] = []): ReadDashboards => ({
  // Once, where monitor.yml names a file and its folder.
  files: [...new Map(read.flatMap((one) => one.files).map((file) => [file.source, file])).values()],
  problems: read.flatMap((one) => one.problems),
  notices: [...read.flatMap((one) => one.notices), ...notices],
});

const NONE: ReadDashboards = { files: [], problems: [], notices: [] };
const asFile = (source: string, text: string, inFolder = false) => ({ ...NONE, files: [{ source, text, inFolder }] });
const failed = (source: string, message: string) => ({ ...NONE, problems: [{ source, message }] });

async function readSource(source: DashboardSource, places: DashboardPlaces): Promise<ReadDashboards> {
  const name = sourceName(source, places.base);
  if (typeof source !== 'string') return readPublished(source, name, places);
  const path = resolve(places.base, source);
  const found = await stat(path).catch((error: unknown) => reasonOf(error));
  if (typeof found === 'string') return failed(name, found);
  return found.isDirectory() ? readFolder(path, name) : readOne(path, name, false);
}

async function readOne(path: string, source: string, inFolder: boolean): Promise<ReadDashboards> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES)
      return failed(source, `has ${megabytes(size)} MB; a dashboard has ${megabytes(MAX_BYTES)} at most`);
    return asFile(source, await readFile(path, 'utf8'), inFolder);
  } catch (error) {
    return failed(source, reasonOf(error));
  }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1024 / 1024);

/** All JSON files in it, in the order of their names; not those in hidden folders and node_modules. */
async function readFolder(path: string, name: string): Promise<ReadDashboards> {
  try {
    const all = await readdir(path, { recursive: true });
    const hidden = (file: string) => file.split(sep).some((part) => part.startsWith('.') || part === 'node_modules');
    const files = all.filter((file) => /\.json$/i.test(file) && !hidden(file)).sort();
    const read = await Promise.all(
      files.map((file) => readOne(join(path, file), join(name, file).split(sep).join('/'), true)),
    );
    return together(read, files.length === 0 ? [`${name}: has no JSON files`] : []);
  } catch (error) {
    return failed(name, reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'not found';
  if (code === 'EACCES' || code === 'EPERM') return 'cannot be read: permission denied';
  if (code === 'ELOOP') return 'cannot be read: its symbolic links form a loop';
  return `cannot be read: ${errorText(error)}`;
}

type Published = Exclude<DashboardSource, string>;

const SITE = 'https://grafana.com/api/dashboards';

/**
 * From the folder beside monitor.yml, where the first download is kept with its checksum: later runs need no network, and
 * get the revision that was the newest then.
 */
async function readPublished(published: Published, name: string, places: DashboardPlaces): Promise<ReadDashboards> {
  const { stateFolder, download = downloadText, signal } = places;
  const { grafana_com: id, revision } = published;
  const folder = join(stateFolder.path, 'dashboards');
  const file = revision === undefined ? `${id}.json` : `${id}-${revision}.json`;
  const path = join(folder, file);
  try {
    const [kept, checksum] = await Promise.all([readText(path), readText(`${path}.sha256`)]);
    if (kept !== undefined && checksum !== undefined) {
      if (checksum === checksumLine(kept, file)) return asFile(name, kept);
      return failed(name, `${path} is not what was downloaded; delete it, and it is downloaded again`);
    }
    const chosen = revision ?? (await newestRevision(id, { download, signal }));
    const text = await download(`${SITE}/${id}/revisions/${chosen}/download`, signal);
    await makeFolder(stateFolder);
    await mkdir(folder, { recursive: true });
    await writeFileAtomically(path, text);
    await writeFileAtomically(`${path}.sha256`, checksumLine(text, file));
    return asFile(name, text);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return failed(name, `cannot be downloaded: ${errorText(error)}`);
  }
}

/** As `sha256sum` writes and checks it. */
const checksumLine = (text: string, file: string): string =>
  `${createHash('sha256').update(text).digest('hex')}  ${file}\n`;

/** The newest revision of a published dashboard. Fails with `dashboard-not-found` or `download-failed`. */
export async function newestRevision(
  id: number,
  { download = downloadText, signal }: Pick<DashboardPlaces, 'download' | 'signal'>,
): Promise<number> {
  const text = await download(`${SITE}/${id}`, signal).catch((error: unknown) => {
    throw new MonitorError({
      code: 'download-failed',
      message: `The dashboard ${id} cannot be downloaded from grafana.com`,
      detail: [errorText(error)],
      suggestion: 'check the number and the network, or download the JSON and add the file',
    });
  });
  const answer = parseJson(text);
  const revision = isRecord(answer) ? answer.revision : undefined;
  if (typeof revision === 'number') return revision;
  throw new MonitorError({
    code: 'download-failed',
    message: `grafana.com does not say which revision of the dashboard ${id} is the newest`,
    suggestion: 'download the JSON and add the file',
  });
}

const DOWNLOAD_TIMEOUT_MS = 20_000;

const downloadText: Download = async (url, signal) => {
  const timeout = AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS);
  const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout }).catch(
    (error: unknown) => {
      // `fetch` hides what went wrong behind the cause of its error.
      throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
    },
  );
  if (response.status === 404) throw new Error('grafana.com has no such dashboard or revision');
  if (!response.ok) throw new Error(`grafana.com answered with HTTP ${response.status}`);
  const text = await response.text();
  if (text.length > MAX_BYTES) throw new Error(`it has more than ${megabytes(MAX_BYTES)} MB`);
  return text;
};

/** Where files that monitor.yml names are, and where published dashboards are kept. */
export const placesOf = (configPath: string, signal: AbortSignal) => ({
  base: join(configPath, '..'),
  stateFolder: stateFolderOf(configPath),
  signal,
});
