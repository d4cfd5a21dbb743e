import { createHash } from 'node:crypto';
import type { GrafanaClient } from '../grafana/client.ts';
import { contentOf } from '../grafana/dashboard-content.ts';
import type { DesiredDashboard, Problem } from '../grafana/dashboard-model.ts';
import { isRecord, type JsonRecord, textOf } from '../json.ts';
import { fitDatasources, type ServerDatasources } from './import-datasources.ts';
import { fillInputs } from './import-inputs.ts';
import { inlineLibraryPanels } from './import-library-panels.ts';
import { panelNotices } from './import-panels.ts';
import { fromSecondSchema, isSecondSchema } from './import-second-schema.ts';

export interface DashboardFile {
  /** As the user knows it: the path from monitor.yml, or `grafana.com 1860 revision 37`. */
  source: string;
  text: string;
  /** Found in a folder that monitor.yml names: other JSON in there is not a mistake. */
  inFolder: boolean;
}

export interface ImportTarget extends ServerDatasources {
  /** Panel plugins that are installed beside Grafana's own. */
  panelPlugins: readonly string[];
  libraryPanels: ReadonlyMap<string, JsonRecord>;
}

/** A server, with what files may need of it; without a client it is one that has nothing yet. */
export const importTarget = async (
  files: readonly DashboardFile[],
  server: Pick<ImportTarget, 'version' | 'ours'>,
  client?: GrafanaClient,
): Promise<ImportTarget> => {
  const asked = files.length === 0 ? undefined : client;
  const namesLibrary = files.some(({ text }) => text.includes('"libraryPanel"'));
  const [datasources = [], panelPlugins = [], libraryPanels = new Map()] = await Promise.all([
    asked?.listDatasources(),
    asked?.listPanelPlugins(),
    namesLibrary ? asked?.listLibraryPanels() : undefined,
  ]);
  return { ...server, datasources, panelPlugins, libraryPanels };
};

export interface ImportedDashboards {
  dashboards: DesiredDashboard[];
  problems: Problem[];
  /** What was changed or is missing in a dashboard that is provisioned: `api.json: ...`. */
  notices: string[];
}

/**
 * The user's dashboards as this server takes them, from every form in which Grafana 7 to 13 hands them out: exported for
 * sharing, copied from the JSON model, as the API returns them, as a resource of the new API. Pure.
 */
export function importDashboards(files: readonly DashboardFile[], target: ImportTarget): ImportedDashboards {
  const imported: ImportedDashboards = { dashboards: [], problems: [], notices: [] };
  for (const file of files) {
    const { source } = file;
    const read = readDashboard(file);
    if ('skipped' in read) imported.notices.push(`${source}: ${read.skipped}`);
    else if ('problem' in read) imported.problems.push({ source, message: read.problem });
    else add(imported, source, read, target);
  }
  return imported;
}

function add(
  { dashboards, problems, notices }: ImportedDashboards,
  source: string,
  read: ReadDashboard,
  target: ImportTarget,
) {
  const { uid, title } = read;
  const other = dashboards.find((one) => one.uid === uid);
  if (other !== undefined) {
    problems.push({ source, message: `has the same uid as ${other.source}, "${uid}"; change one of them` });
    return;
  }
  const fit = fitted(read, target);
  dashboards.push({ uid, title, source, dashboard: fit.dashboard });
  notices.push(...[...read.notices, ...fit.notices].map((notice) => `${source}: ${notice}`));
}

interface ReadDashboard {
  uid: string;
  title: string;
  dashboard: JsonRecord;
  notices: string[];
}

/** The dashboard in a file, whatever its form, as the first schema has it. */
export function readDashboard(file: DashboardFile): ReadDashboard | { problem: string } | { skipped: string } {
  const parsed = parse(file.text.replace(/^\uFEFF/, ''));
  if (parsed instanceof Error) return { problem: `is not JSON: ${parsed.message}` };
  const unwrapped = unwrap(parsed);
  if (unwrapped === undefined) {
    const what = 'is not a Grafana dashboard (it has no panels)';
    return file.inFolder ? { skipped: `skipped, it ${what}` } : { problem: what };
  }
  const { dashboard, notices } = unwrapped;
  const title = textOf(dashboard, 'title').trim();
  if (title === '') return { problem: 'has no title' };
  const uid = textOf(dashboard, 'uid') || unwrapped.name || uidFrom(file.source);
  const problem = uidProblem(uid);
  if (problem !== undefined) return { problem };
  return { uid, title, dashboard: { ...contentOf(dashboard), uid, title }, notices };
}

interface Unwrapped {
  dashboard: JsonRecord;
  /** A resource's name, which is the dashboard's uid. */
  name: string;
  notices: string[];
}

function unwrap(value: unknown): Unwrapped | undefined {
  if (!isRecord(value)) return undefined;
  // From the API: {dashboard, meta}; from grafana.com's: {json}; a resource: {apiVersion, kind, metadata, spec}.
  const inner = value.spec ?? value.dashboard ?? value.json;
  if (isRecord(value.spec) && textOf(value, 'kind') !== '' && textOf(value, 'kind') !== 'Dashboard') return undefined;
  const name = textOf(value.metadata, 'name');
  const dashboard = isRecord(inner) ? inner : value;
  if (isSecondSchema(dashboard)) return { ...fromSecondSchema(dashboard), name };
  const hasPanels = Array.isArray(dashboard.panels) || Array.isArray(dashboard.rows);
  return hasPanels ? { dashboard, name, notices: [] } : undefined;
}

function uidProblem(uid: string): string | undefined {
  if (uid.length > 40) return `its uid "${uid}" has ${uid.length} characters, and Grafana takes 40; change it`;
  return /^[\w-]+$/.test(uid)
    ? undefined
    : `its uid "${uid}" has other characters than letters, digits, - and _; change it`;
}

function fitted({ dashboard }: ReadDashboard, target: ImportTarget): { dashboard: JsonRecord; notices: string[] } {
  const whole = inlineLibraryPanels(dashboard, target.libraryPanels);
  const filled = fillInputs(whole.dashboard, target);
  const ours = fitDatasources(filled.dashboard, target);
  const notices = [whole, filled, ours].flatMap((step) => step.notices);
  return { dashboard: ours.dashboard, notices: [...notices, ...panelNotices(ours.dashboard, target)] };
}

/** The same for the same path on every machine: `api-3f2a91bc` for `dashboards/api.json`. */
function uidFrom(source: string): string {
  const name = source.replace(/^.*\//, '').replace(/\.json$/i, '');
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 30);
  return `${slug || 'dashboard'}-${createHash('sha256').update(source).digest('hex').slice(0, 8)}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}
