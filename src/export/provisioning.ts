import type { Datasource } from '../grafana/model.ts';
import { libraryText } from '../prometheus/yaml-text.ts';

/** Grafana's provisioning files. Source: its documentation, "Provision Grafana". */

export const PROVISIONING_FOLDER = '/etc/grafana/provisioning';
export const DASHBOARDS_FOLDER = '/etc/grafana/dashboards';

export const datasourceYml = (datasource: Datasource, url = datasource.url): string =>
  libraryText({ apiVersion: 1, datasources: [{ ...datasource, url }] });

export const dashboardProviderYml = (stack: string): string =>
  libraryText({
    apiVersion: 1,
    providers: [
      { name: stack, folder: 'Monitor', folderUid: 'monitor', type: 'file', options: { path: DASHBOARDS_FOLDER } },
    ],
  });
