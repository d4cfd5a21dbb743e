import type { Datasource } from '../grafana/model.ts';
import { libraryText } from '../prometheus/yaml-text.ts';
import { when } from './lists.ts';

/** Grafana's provisioning files. Source: its documentation, "Provision Grafana". */

export const PROVISIONING_FOLDER = '/etc/grafana/provisioning';
export const DASHBOARDS_FOLDER = '/etc/grafana/dashboards';

interface ProvisioningFile {
  /** The folder of Grafana's that it is for. */
  kind: 'datasources' | 'dashboards';
  text: string;
}

/** Without dashboards there is no folder of them for Grafana to read. */
export const provisioningFiles = (
  stack: string,
  datasource: Datasource,
  dashboards: readonly unknown[],
): ProvisioningFile[] => [
  { kind: 'datasources', text: libraryText({ apiVersion: 1, datasources: [datasource] }) },
  ...when(dashboards.length > 0, { kind: 'dashboards' as const, text: libraryText(providers(stack)) }),
];

const providers = (stack: string) => ({
  apiVersion: 1,
  providers: [
    { name: stack, folder: 'Monitor', folderUid: 'monitor', type: 'file', options: { path: DASHBOARDS_FOLDER } },
  ],
});
