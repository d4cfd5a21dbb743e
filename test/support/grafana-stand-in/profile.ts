import type { JsonObject } from './json.ts';

export const standInVersions = ['7.5.5', '9.4', '12.4.3', '13'] as const;
export type StandInVersion = (typeof standInVersions)[number];

/** What differs between the versions the stand-in answers for; everything else is common to them. */
export interface Profile {
  /** What `/api/health` reports. */
  readonly version: string;
  readonly commit: string;
  /** Where the answers come from, for people who open the page. */
  readonly source: string;
  /** Errors that wrap another one carry an empty `traceID`. */
  readonly errorsCarryTraceId: boolean;
  readonly noPassword: JsonObject;
  readonly wrongPassword: JsonObject;
  /** An unusable body is answered with one entry per missing field instead of one message. */
  readonly itemisedBindingErrors: boolean;
  /** A datasource shows (empty) `password` and `basicAuthPassword` fields. */
  readonly datasourcePasswordFields: boolean;
  readonly datasourceByNumericId: boolean;
  /** The answer to a deleted datasource has its number. */
  readonly datasourceDeletionTellsId: boolean;
  /** PUT, health and proxy by uid. Reading and deleting by uid works everywhere. */
  readonly datasourceByUid: boolean;
  /** A PUT whose body names another uid than its URL is refused. */
  readonly uidIsFixed: boolean;
  /** A datasource shows its plugin's logo and API version. */
  readonly datasourcePlugin: boolean;
  /** What a datasource's health says: two of the recorded servers have no Prometheus backend to ask. */
  readonly datasourceHealth: 'plugin not found' | 'not found' | 'queries Prometheus';
  readonly proxySandboxed: boolean;
  readonly folderById: boolean;
  readonly folderByUid: boolean;
  readonly folderDeletion: 'titled' | 'empty' | 'plain';
  /** Dashboards and folders come from unified storage: long ids, the organisation in what is listed. */
  readonly unifiedStorage: boolean;
  /** Two dashboards of one folder may have the same title. */
  readonly titlesMayRepeat: boolean;
  /** Dashboards and folders show what came after 7.5: `canDelete`, annotation permissions, an import's uid. */
  readonly newerDashboardFields: boolean;
  /** A saved dashboard names its folder, and a read one its API version. */
  readonly dashboardTellsFolder: boolean;
  readonly dashboardVersions: 'not found' | 'list' | 'page';
  readonly serviceAccounts: boolean;
}

/** Source: test/fixtures/grafana-7.5.5.transcript.txt. */
const recorded755: Profile = {
  version: '7.5.5',
  commit: 'openshift',
  source: 'the recorded answers of a Grafana 7.5.5',
  errorsCarryTraceId: false,
  noPassword: { message: 'Unauthorized' },
  wrongPassword: { message: 'invalid username or password' },
  itemisedBindingErrors: true,
  datasourcePasswordFields: true,
  datasourceByNumericId: true,
  datasourceDeletionTellsId: false,
  datasourceByUid: false,
  uidIsFixed: false,
  datasourcePlugin: false,
  datasourceHealth: 'plugin not found',
  proxySandboxed: false,
  folderById: true,
  folderByUid: false,
  folderDeletion: 'titled',
  unifiedStorage: false,
  titlesMayRepeat: false,
  newerDashboardFields: false,
  dashboardTellsFolder: false,
  dashboardVersions: 'not found',
  serviceAccounts: false,
};

/** Source: test/fixtures/grafana-9.4.transcript.txt. */
const recorded94: Profile = {
  version: '9.4.0-pre',
  commit: 'NA',
  source: 'the recorded answers of a Grafana 9.4.0-pre',
  errorsCarryTraceId: true,
  noPassword: { message: 'Unauthorized' },
  wrongPassword: { message: 'invalid username or password', traceID: '' },
  itemisedBindingErrors: false,
  datasourcePasswordFields: false,
  datasourceByNumericId: true,
  datasourceDeletionTellsId: true,
  datasourceByUid: true,
  uidIsFixed: false,
  datasourcePlugin: false,
  datasourceHealth: 'not found',
  proxySandboxed: true,
  folderById: true,
  folderByUid: true,
  folderDeletion: 'empty',
  unifiedStorage: false,
  titlesMayRepeat: false,
  newerDashboardFields: true,
  dashboardTellsFolder: false,
  dashboardVersions: 'list',
  serviceAccounts: true,
};

/** Source: test/fixtures/grafana-12.4.3.transcript.txt; the list of versions: grafana/grafana pkg/api/dashboard.go. */
const recorded1243: Profile = {
  ...recorded94,
  version: '12.4.3',
  commit: 'd87dc370',
  source: 'the recorded answers of a Grafana 12.4.3',
  errorsCarryTraceId: false,
  noPassword: refusedSignIn('Unauthorized', 'auth.unauthorized'),
  wrongPassword: refusedSignIn('Invalid username or password', 'password-auth.failed'),
  datasourcePlugin: true,
  datasourceHealth: 'queries Prometheus',
  folderDeletion: 'plain',
  unifiedStorage: true,
  titlesMayRepeat: true,
  dashboardTellsFolder: true,
  dashboardVersions: 'page',
};

/**
 * Not recorded: the 12.4.3 answers with the changes the project's fact sheet on Grafana lists up to 13.2.3
 * (grafana/grafana #119930 numeric ids, #125398 fixed uid; a folder's number puts a dashboard into the root).
 */
const described13: Profile = {
  ...recorded1243,
  version: '13.2.3',
  source: 'a description of Grafana 13.2.3, not recorded answers',
  datasourceByNumericId: false,
  uidIsFixed: true,
  folderById: false,
};

function refusedSignIn(message: string, messageId: string): JsonObject {
  return { extra: null, message, messageId, statusCode: 401, traceID: '' };
}

export const profiles: Record<StandInVersion, Profile> = {
  '7.5.5': recorded755,
  '9.4': recorded94,
  '12.4.3': recorded1243,
  '13': described13,
};

/** @throws Error naming the versions there are, where `text` is none of them. */
export function parseVersion(text: string): StandInVersion {
  const version = standInVersions.find((known) => known === text);
  if (!version) throw new Error(`STAND_IN_VERSION is "${text}"; it can be ${standInVersions.join(', ')}`);
  return version;
}
