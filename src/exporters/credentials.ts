import {
  EXPORTERS,
  type Exporter,
  type ExporterName,
  type ExporterOption,
  type OptionValues,
} from '../config/exporter-table.ts';
import type { ExporterId } from '../config/model.ts';
import { type MonitorError, mistake } from '../errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The first of these variables that is set to something. */
const firstSet = (env: Env, names: readonly string[]): string | undefined =>
  names.map((name) => env[name]).find((value) => value !== undefined && value !== '');

/**
 * An exporter's options from the environment of its server's container. Pure. Options that are `given` are kept: with a given
 * user, the password is that user's, or the administrator's if that is the user. An image without a user of its own has
 * its administrator as the user.
 */
export const valuesFromServer = (exporter: Exporter, env: Env, given: OptionValues): OptionValues => {
  const values: OptionValues = {};
  for (const { name, serverEnv } of exporter.options) {
    const value = firstSet(env, serverEnv);
    if (value !== undefined && given[name] === undefined) values[name] = value;
  }
  const { admin } = exporter;
  if (admin === undefined || (given.user ?? values.user ?? admin.user) !== admin.user) return values;
  const password = firstSet(env, admin.password);
  return password === undefined ? values : { ...values, user: admin.user, password };
};

/** The password, out of a variable of our own environment. */
export const valuesFromVariable = (env: Env, variable: string): OptionValues => {
  const password = env[variable];
  return password === undefined || password === '' ? {} : { password };
};

/** The variables in which a server's image may have these options. */
const variablesOf = ({ admin }: Exporter, options: readonly ExporterOption[]): string =>
  options
    .flatMap(({ name, serverEnv }) => (name === 'password' ? [...serverEnv, ...(admin?.password ?? [])] : serverEnv))
    .join(', ');

const flag = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

export const takesNo = (name: ExporterName, option: string): MonitorError =>
  mistake({
    code: 'invalid-option',
    message: `The exporter ${name} does not take ${flag(option)}`,
    suggestion: 'leave it out',
  });

/** Names the options, and the variables in which the server's container may have the values. */
export const missingCredentials = (
  { name, for: server }: ExporterId,
  missing: readonly ExporterOption[],
): MonitorError => {
  const kind = EXPORTERS[name];
  return mistake({
    code: 'credentials-missing',
    message: `The exporter ${name} cannot read ${server} without its ${missing.map((o) => o.name).join(' and ')}`,
    detail: [
      `give ${missing.map((o) => asOption(o.name)).join(' and ')}`,
      `or --from-env VARIABLE, to take the password from a variable of your environment`,
      `or --from-env, to take them from the environment of container ${server} (${variablesOf(kind, missing)})`,
    ],
    suggestion: kind.needs,
  });
};

type OptionName = ExporterOption['name'];

/** A password in the arguments of a process can be read by others on the machine. */
const asOption = (name: OptionName): string =>
  name === 'password' ? '--password-stdin < FILE' : `${flag(name)} ${name.toUpperCase()}`;

/** The command that gives an exporter what it lacks. */
export const addExporterCommand = ({ name, for: server }: ExporterId, missing: readonly OptionName[]): string =>
  [`monitor add-exporter ${name}`, ...(server === undefined ? [] : [`--for ${server}`]), ...missing.map(asOption)].join(
    ' ',
  );

export const variableUnset = (variable: string): MonitorError =>
  mistake({
    code: 'variable-unset',
    message: `The environment variable ${variable} is not set, or is empty`,
    suggestion: `export ${variable}=…, or name another one with --from-env VARIABLE`,
  });

export const nothingInEnvironment = ({ name }: ExporterId, container: string): MonitorError =>
  mistake({
    code: 'credentials-missing',
    message: `No credentials were found in the environment of container ${container}`,
    detail: [`none of ${variablesOf(EXPORTERS[name], EXPORTERS[name].options)} is set there`],
    suggestion: 'give them with --user and --password-stdin, or the password with --from-env VARIABLE',
  });
