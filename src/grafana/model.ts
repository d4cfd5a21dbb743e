export interface DesiredGrafana {
  datasource: Datasource;
}

/** A datasource as its API takes it; spelled as there. */
export interface Datasource {
  name: string;
  /** `[a-zA-Z0-9_-]`, 40 characters at most; what tells ours from the user's own. */
  uid: string;
  type: string;
  access: string;
  url: string;
  isDefault: boolean;
  jsonData: Readonly<Record<string, unknown>>;
}

/** What was seen of Grafana, at one time. */
export interface ObservedGrafana {
  /** The datasource with the desired uid. */
  ours: ObservedDatasource | undefined;
  /** All others; empty where the plan needs none of them (`needsOthers`). */
  others: readonly OtherDatasource[];
}

export interface ObservedDatasource extends Datasource {
  /** What servers before 9.0 update by. */
  id: number;
  /** It comes from a file in Grafana's provisioning folder, and follows that. */
  readOnly: boolean;
  /** The server's whole answer: an update replaces everything, so it has to send back what it does not change. */
  fields: Readonly<Record<string, unknown>>;
}

export type OtherDatasource = Pick<Datasource, 'uid' | 'name' | 'isDefault'>;

/** Each kind of operation with its arguments. One operation is one API call. */
export interface GrafanaOperationArguments {
  createDatasource: { datasource: Datasource };
  updateDatasource: { current: ObservedDatasource; datasource: Datasource };
}

/** One of these operations, with its cause: `missing`, `url is "http://a:1", wanted "http://b:2"`. */
export type OperationOf<Arguments, Kind extends keyof Arguments = keyof Arguments> = {
  [P in Kind]: { kind: P; cause: string } & Arguments[P];
}[Kind];

export interface GrafanaProposal {
  operations: OperationOf<GrafanaOperationArguments>[];
  /** What the user should know though nothing has to be done, a sentence each without a full stop. */
  notices: string[];
}

/** The stack's Prometheus as its Grafana reaches it. `scrapeInterval`: a Prometheus duration, the least step of a query. */
export const prometheusDatasource = (scrapeInterval: string): Datasource => ({
  name: 'Prometheus',
  uid: 'prometheus',
  type: 'prometheus',
  access: 'proxy',
  url: 'http://prometheus:9090',
  isDefault: true,
  jsonData: { httpMethod: 'POST', timeInterval: scrapeInterval },
});
