import type { JsonRecord } from '../json.ts';

/** A folder as its API takes it. */
export interface Folder {
  uid: string;
  title: string;
}

/** Where all dashboards of the stack are. */
export const MONITOR_FOLDER: Folder = { uid: 'monitor', title: 'Monitor' };

/** A row of Grafana's search. */
export interface FoundDashboard {
  uid: string;
  title: string;
  /** From the root of the server: `/d/uid/slug`. */
  url: string;
  /** Empty: in no folder. */
  folderUid: string;
}

/** A dashboard as Grafana has it now. */
export interface ObservedDashboard extends FoundDashboard {
  /** Counts its saves. */
  version: number;
  /** It comes from a file in Grafana's provisioning folder, and follows that. */
  provisioned: boolean;
  /** Absent: it is stored in the second schema (Grafana 12 and later), which the dashboard route does not show. */
  dashboard: JsonRecord | undefined;
}

/** A dashboard that Grafana is to have. */
export interface DesiredDashboard {
  uid: string;
  title: string;
  /** `generated`, or the file that it comes from as monitor.yml's reader names it: `dashboards/api.json`. */
  source: string;
  /** As Grafana's API takes it, without `id` and `version`. */
  dashboard: JsonRecord;
}

/**
 * That nothing had to be done to Grafana's dashboards, and what that was decided by. Kept in the state folder: while it is
 * the same, they need not be generated, read and compared once more.
 */
export interface NothingToDo {
  /** The hash of what the dashboards are made from: metrics, files, this program. */
  from: string;
  /** The hash of what Grafana has stored. */
  stored: string;
  /** Queries without samples, as they are asked: a panel comes in once one of them has some. */
  waiting: readonly string[];
  problems: readonly Problem[];
  notices: readonly string[];
}

export interface DesiredDashboards {
  dashboards: readonly DesiredDashboard[];
  /** Files and folders of monitor.yml that could not be read this time: what came from them stays in Grafana. */
  unread: readonly string[];
}

/** What was seen of Grafana's dashboards, at one time. */
export interface ObservedDashboards {
  /** Whether our folder is there. */
  folder: boolean;
  /** Titles of the other folders; needed, and asked for, only where ours is missing. */
  otherFolders: readonly string[];
  /** Those with a uid that is desired, wherever they are, and all that are in our folder. */
  dashboards: readonly ObservedDashboard[];
}

/** What Grafana's dashboards are compared by. */
export interface LookedAtDashboards {
  desired: DesiredDashboards;
  observed: ObservedDashboards;
  /** Files that cannot be provisioned: the command ends with 1, and the rest is provisioned. */
  problems: readonly Problem[];
  notices: readonly string[];
  /** How often Prometheus has scraped each job within the last hour; absent: it does not answer. */
  scrapes: ReadonlyMap<string, number> | undefined;
  /** What the next look can go by if nothing has to be done now; absent: this one does not tell all of it. */
  basis?: Pick<NothingToDo, 'from' | 'stored' | 'waiting'>;
}

/** Nothing is desired, and nothing was seen. */
export const NOTHING_TO_COMPARE: Pick<LookedAtDashboards, 'desired' | 'observed'> = {
  desired: { dashboards: [], unread: [] },
  observed: { folder: true, otherFolders: [], dashboards: [] },
};

/** The `source` of what is made from metrics. */
export const GENERATED = 'generated';

/** A file or dashboard that cannot be provisioned, and why; the message has no full stop. */
export interface Problem {
  source: string;
  message: string;
}

/** How a dashboard in Grafana is to the desired one. `left`: not desired now, and as it was saved. */
export interface DashboardState {
  uid: string;
  title: string;
  source: string;
  /** From the root of the server; absent: it is not there yet. */
  url?: string;
  state: 'current' | 'missing' | 'outdated' | 'edited' | 'left';
}

/** `up` would not write it as it is: Grafana alone has it. */
export const isInGrafanaAlone = ({ state }: DashboardState): boolean => state === 'edited' || state === 'left';
