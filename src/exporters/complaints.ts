import { EXPORTERS, type ExporterName, type ExporterOption } from '../config/exporter-table.ts';
import type { ExporterConfig } from '../config/model.ts';
import { type MonitorError, mistake } from '../errors.ts';
import { variablesFor } from './environment.ts';

const flag = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export const takesNo = (name: ExporterName, option: string): MonitorError =>
  mistake({
    code: 'invalid-option',
    message: `The exporter ${name} does not take ${flag(option)}`,
    suggestion: 'leave it out',
  });

/** Names the options, and the variables in which the server's container may have the values. */
export const missingCredentials = (
  { name, for: server }: Pick<ExporterConfig, 'name' | 'for'>,
  missing: readonly ExporterOption[],
): MonitorError => {
  const kind = EXPORTERS[name];
  const variables = missing.flatMap((o) => variablesFor(kind, o.name));
  return mistake({
    code: 'credentials-missing',
    message: `The exporter ${name} cannot read ${server} without its ${missing.map((o) => o.name).join(' and ')}`,
    detail: [
      `give ${missing.map((o) => asOption(o.name)).join(' and ')}`,
      `or --from-env VARIABLE, to take the password from a variable of your environment`,
      `or --from-env, to take them from the environment of container ${server} (${variables.join(', ')})`,
    ],
    suggestion: kind.needs,
  });
};

type OptionName = ExporterOption['name'];

/** A password in the arguments of a process can be read by others on the machine. */
const asOption = (name: OptionName): string =>
  name === 'password' ? '--password-stdin < FILE' : `${flag(name)} ${name.toUpperCase()}`;

/** The command that gives an exporter what it lacks. */
export const addExporterCommand = (
  { name, for: server }: Pick<ExporterConfig, 'name' | 'for'>,
  missing: readonly OptionName[],
): string =>
  ['monitor add-exporter', name, ...(server === undefined ? [] : ['--for', server]), ...missing.map(asOption)].join(
    ' ',
  );

export const variableUnset = (variable: string): MonitorError =>
  mistake({
    code: 'variable-unset',
    message: `The environment variable ${variable} is not set, or is empty`,
    suggestion: `export ${variable}=…, or name another one with --from-env VARIABLE`,
  });

export const nothingInEnvironment = ({ name }: Pick<ExporterConfig, 'name'>, container: string): MonitorError => {
  const kind = EXPORTERS[name];
  const variables = kind.options.flatMap((o) => variablesFor(kind, o.name));
  return mistake({
    code: 'credentials-missing',
    message: `No credentials were found in the environment of container ${container}`,
    detail: [`none of ${variables.join(', ')} is set there`],
    suggestion: 'give them with --user and --password-stdin, or the password with --from-env VARIABLE',
  });
};
