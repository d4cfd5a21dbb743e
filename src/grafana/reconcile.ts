import { isDeepStrictEqual } from 'node:util';
import { MonitorError } from '../errors.ts';
import type { Datasource, GrafanaProposal, ObservedDatasource, ObservedGrafana } from './model.ts';

/**
 * What makes Grafana's datasource the desired one. Fields that a user added to its `jsonData` stay.
 *
 * A datasource is ours by its uid. The others are the user's: one that has our name keeps it, and ours is called
 * `Prometheus (monitor)`; one that is Grafana's default stays the default, since making ours the default would take
 * that from it, on the first run as on any later one. Both are noticed.
 *
 * Throws a MonitorError `grafana-datasource-taken` where our uid belongs to a datasource of another type, which an
 * update would destroy, and `grafana-read-only` where ours differs and follows a file: not every version refuses an
 * update of that, but each undoes it at the next start.
 */
export function reconcileDatasource(desired: Datasource, observed: ObservedGrafana): GrafanaProposal {
  const { ours } = observed;
  const notices: string[] = [];
  const fitted = fitAmongOthers(desired, observed, notices);
  if (ours === undefined) {
    return { operations: [{ kind: 'createDatasource', cause: 'missing', datasource: fitted }], notices };
  }
  if (ours.type !== desired.type) throw uidTaken(desired, ours);
  const datasource = { ...fitted, jsonData: { ...ours.jsonData, ...fitted.jsonData } };
  const cause = compare(ours, datasource).join(', ');
  if (cause === '') return { operations: [], notices };
  if (ours.readOnly) throw readOnly(ours, cause);
  return { operations: [{ kind: 'updateDatasource', cause, current: ours, datasource }], notices };
}

/** Whether the plan depends on the user's datasources: ours has yet to get its name, or to become the default. */
export const needsOthers = (desired: Datasource, ours: ObservedDatasource | undefined): boolean =>
  ours === undefined || ours.name !== desired.name || ours.isDefault !== desired.isDefault;

function fitAmongOthers(desired: Datasource, { others }: ObservedGrafana, notices: string[]): Datasource {
  const name = freeName(
    desired.name,
    others.map((other) => other.name),
  );
  if (name !== desired.name) {
    notices.push(`Grafana already has another datasource "${desired.name}", so that of the stack is called "${name}"`);
  }
  const otherDefault = desired.isDefault ? others.find((other) => other.isDefault) : undefined;
  if (otherDefault !== undefined) {
    notices.push(`Grafana's default datasource stays "${otherDefault.name}"; that of the stack is "${name}"`);
  }
  return { ...desired, name, isDefault: desired.isDefault && otherDefault === undefined };
}

function freeName(wanted: string, taken: readonly string[]): string {
  if (!taken.includes(wanted)) return wanted;
  let name = `${wanted} (monitor)`;
  for (let number = 2; taken.includes(name); number++) name = `${wanted} (monitor ${number})`;
  return name;
}

/** The difference of each field, in words. */
function compare(observed: Datasource, wanted: Datasource): string[] {
  const fields = ['name', 'access', 'url', 'isDefault'] as const;
  return [
    ...fields.flatMap((field) => difference(field, observed[field], wanted[field])),
    ...Object.entries(wanted.jsonData).flatMap(([field, value]) =>
      difference(`jsonData.${field}`, observed.jsonData[field], value),
    ),
  ];
}

function difference(field: string, is: unknown, wanted: unknown): string[] {
  if (isDeepStrictEqual(is, wanted)) return [];
  return [`${field} is ${is === undefined ? 'not set' : JSON.stringify(is)}, wanted ${JSON.stringify(wanted)}`];
}

const uidTaken = (desired: Datasource, ours: ObservedDatasource): MonitorError =>
  new MonitorError({
    code: 'grafana-datasource-taken',
    message: `Grafana's uid "${desired.uid}" belongs to a datasource of another kind, "${ours.name}"`,
    detail: [`its type is ${ours.type}, ours is ${desired.type}`],
    suggestion: `give that datasource another uid, or delete it, in Grafana under Connections > Data sources`,
  });

const readOnly = (ours: ObservedDatasource, cause: string): MonitorError =>
  new MonitorError({
    code: 'grafana-read-only',
    message: `Grafana's datasource "${ours.name}" is not as wanted, and cannot be changed through its API`,
    detail: [cause, "it comes from a file in Grafana's provisioning folder"],
    suggestion: 'change or remove that file in /etc/grafana/provisioning/datasources, and restart Grafana',
  });
