import type { JsonObject } from './json.ts';
import { hashPassword } from './password.ts';
import type { Profile } from './profile.ts';

export interface StoredUser {
  readonly id: number;
  readonly login: string;
  readonly createdAt: string;
  passwordHash: string;
}

/** One wrong password for a user that exists, at a time in milliseconds since the epoch. */
export interface WrongPassword {
  readonly login: string;
  readonly at: number;
}

export interface ServiceAccount {
  readonly id: number;
  readonly name: string;
}

/** `expires` is in milliseconds since the epoch, 0 for never. The key itself is shown once and not kept. */
export interface Token {
  readonly id: number;
  readonly name: string;
  readonly keyHash: string;
  readonly expires: number;
}

export interface StoredDatasource {
  readonly id: number;
  uid: string;
  name: string;
  type: string;
  access: string;
  url: string;
  user: string;
  database: string;
  basicAuth: boolean;
  basicAuthUser: string;
  withCredentials: boolean;
  isDefault: boolean;
  jsonData: JsonObject;
  secureJsonData: Record<string, string>;
  version: number;
}

export interface StoredFolder {
  readonly id: number;
  readonly uid: string;
  readonly title: string;
  readonly created: string;
}

export interface DashboardVersion {
  readonly id: number;
  readonly version: number;
  readonly parentVersion: number;
  readonly created: string;
  readonly message: string;
  readonly data: JsonObject;
}

/** `folderId` is 0 for a dashboard in no folder. */
export interface StoredDashboard {
  readonly id: number;
  readonly uid: string;
  readonly created: string;
  title: string;
  folderId: number;
  version: number;
  updated: string;
  data: JsonObject;
  versions: DashboardVersion[];
}

export interface StoredAnnotation {
  readonly id: number;
  readonly time: number;
  readonly timeEnd: number;
  readonly created: number;
  readonly text: string;
  readonly tags: string[];
}

export type Sequence = 'datasource' | 'dashboard' | 'dashboardVersion' | 'account' | 'token' | 'annotation';

export interface State {
  readonly formatVersion: 1;
  /** The last number given out of each sequence: a number is never given twice. */
  readonly sequences: Record<Sequence, number>;
  users: StoredUser[];
  wrongPasswords: WrongPassword[];
  serviceAccounts: ServiceAccount[];
  tokens: Token[];
  datasources: StoredDatasource[];
  folders: StoredFolder[];
  dashboards: StoredDashboard[];
  annotations: StoredAnnotation[];
}

export interface Sessions {
  readonly formatVersion: 1;
  /** Keys of sessions, each with its user's login. */
  readonly logins: Record<string, string>;
}

/** The state of a first start: one administrator and nothing else. */
export function firstState(login: string, password: string, now: number): State {
  return {
    formatVersion: 1,
    sequences: { datasource: 0, dashboard: 0, dashboardVersion: 0, account: 1, token: 0, annotation: 0 },
    users: [{ id: 1, login, createdAt: timestamp(now), passwordHash: hashPassword(password) }],
    wrongPasswords: [],
    serviceAccounts: [],
    tokens: [],
    datasources: [],
    folders: [],
    dashboards: [],
    annotations: [],
  };
}

/** The next number of a sequence. Folders share theirs with dashboards, and service accounts with users. */
export function nextId(state: State, sequence: Sequence): number {
  state.sequences[sequence] += 1;
  return state.sequences[sequence];
}

/** Folders and dashboards have one sequence. The numbers of unified storage are long. */
export function nextDashboardId({ unifiedStorage }: Profile, state: State): number {
  return nextId(state, 'dashboard') + (unifiedStorage ? 4_492_454_354_583_551 : 0);
}

/** RFC 3339 in whole seconds, as the recorded servers write stored times. */
export function timestamp(now: number): string {
  return new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
}
