import type { Exporter, OptionValues } from '../config/exporter-table.ts';

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

/** The variables in which a server's image may have an option, for a person. */
export const variablesFor = ({ options, admin }: Exporter, option: string): string[] => [
  ...options.flatMap((o) => (o.name === option ? o.serverEnv : [])),
  ...(option === 'password' ? (admin?.password ?? []) : []),
];
