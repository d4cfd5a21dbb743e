import { Option } from 'commander';
import type { Define } from '../cli/command.ts';
import { exporterArgument, port } from '../cli/parameters.ts';
import {
  EXPORTERS,
  type ExporterName,
  missingOptions,
  type OptionValues,
  takesPassword,
} from '../config/exporter-table.ts';
import type { ExporterConfig, LoadedConfig } from '../config/model.ts';
import type { WrittenExporter } from '../config/schema.ts';
import { stateFolderOf } from '../config/state-folder.ts';
import type { Container, Engine } from '../docker/engine.ts';
import { MonitorError, mistake } from '../errors.ts';
import { askExporter } from '../exporters/ask.ts';
import { exporterNamed, serverFor, unusualPort } from '../exporters/chosen.ts';
import {
  missingCredentials,
  nothingInEnvironment,
  takesNo,
  valuesFromServer,
  valuesFromVariable,
  variableUnset,
} from '../exporters/credentials.ts';
import { type AddedExporter, addExporter } from '../exporters/edit.ts';
import { readSecrets, removeSecrets, revised, secretsPathOf, writeSecrets } from '../exporters/secrets.ts';
import { envOf, optionsOf } from '../exporters/values.ts';
import type { ExporterReport } from '../output/report.ts';
import { editConfig } from '../stack/edit-config.ts';
import { containerIn } from '../stack/labels.ts';
import { exporterPart } from '../stack/operations.ts';
import { during } from '../stack/progress.ts';
import type { Deps } from '../stack/session.ts';

export interface AddExporterOptions {
  for?: string;
  port?: number;
  user?: string;
  password?: string;
  /** The password is read from stdin. */
  passwordStdin?: true;
  database?: string;
  path?: string;
  /** `true`: from the environment of the server's container. */
  fromEnv?: true | string;
  image?: string;
}

export const command: Define = (addExporter, invoke) => {
  addExporter
    .addArgument(exporterArgument())
    .option('--for <container>', 'the server’s container (default: the only running one of that kind)')
    .option('--port <port>', 'port that the server listens on (default: the usual one)', port)
    .option('--user <user>', 'user to sign in to the server as')
    .addOption(
      new Option(
        '--password-stdin',
        'read the password of that user from stdin; stored in .monitor/, not in monitor.yml',
      ).conflicts(['password', 'fromEnv']),
    )
    .addOption(
      new Option(
        '--password <password>',
        'the same on the command line, where other users of this machine can read it',
      ).conflicts('fromEnv'),
    )
    .option('--database <database>', 'database to sign in to')
    .option('--path <path>', 'path of the server’s status page')
    .option(
      '--from-env [variable]',
      'take the credentials from the environment of the server’s container, or the password from your own variable',
    )
    .option('--image <image>', 'image of the exporter (default: a pinned one)')
    .action(invoke(runAddExporter));
};

/** The state of the engine that the new entry depends on. */
interface Seen {
  engine: Engine;
  containers: Container[];
  server?: Container;
}

/** Writes an exporter to monitor.yml and its credentials to `.monitor/`, starts it in a running stack, and asks it. */
export const runAddExporter = async (
  deps: Deps,
  exporter: string,
  written: AddExporterOptions,
): Promise<ExporterReport> => {
  const name = exporterNamed(exporter);
  refuseOptions(name, written);
  const options = written.passwordStdin ? { ...written, password: await passwordFrom(deps) } : written;
  const engine = await connectIfThere(deps, name, options);
  try {
    return await add(deps, name, options, engine);
  } finally {
    engine?.close();
  }
};

/** As with `docker login --password-stdin`, the line end that `echo` and editors add is removed. */
const passwordFrom = async ({ readPassword }: Deps): Promise<string> => {
  const password = (await readPassword()).replace(/\r?\n$/, '');
  if (password !== '') return password;
  throw mistake({
    code: 'invalid-option',
    message: 'The password on stdin is empty',
    suggestion: 'pass one: `monitor add-exporter NAME --password-stdin < FILE`',
  });
};

/** The engine, if one answers. It is needed to find the server or its environment, not to write a named server. */
const connectIfThere = async (deps: Deps, name: ExporterName, options: AddExporterOptions) => {
  const { serverPort } = EXPORTERS[name];
  try {
    return await deps.connect();
  } catch (error) {
    const isNeeded = (serverPort !== undefined && options.for === undefined) || options.fromEnv === true;
    if (isNeeded || !(error instanceof MonitorError) || error.code !== 'no-engine') throw error;
    return undefined;
  }
};

/** Options that are keys of monitor.yml are checked with the entry; a password is none. */
const refuseOptions = (name: ExporterName, options: AddExporterOptions): void => {
  const source = (['password', 'passwordStdin', 'fromEnv'] as const).find((key) => options[key] !== undefined);
  if (source !== undefined && !takesPassword(EXPORTERS[name])) throw takesNo(name, source);
};

interface Edited extends AddedExporter {
  secrets?: string;
  server?: Container;
}

const add = async (
  deps: Deps,
  name: ExporterName,
  options: AddExporterOptions,
  engine: Engine | undefined,
): Promise<ExporterReport> => {
  const undo: (() => Promise<void>)[] = [];
  try {
    return await editConfig(
      deps,
      async (loaded): Promise<Edited> => {
        const seen = engine === undefined ? undefined : await look(engine, name, options);
        const edited = addExporter(loaded.text, entryFor(loaded, name, options, seen), loaded.path);
        const { path: secrets, isNew } = await keepSecrets(deps, loaded, edited, options, seen, undo);
        const change = edited.change === 'unchanged' && isNew ? 'updated' : edited.change;
        await pullFirst(deps, loaded, edited.exporter, seen);
        return { ...edited, change, secrets, server: seen?.server };
      },
      async ({ exporter, change, secrets, server }, applied, running) => ({
        kind: 'add-exporter',
        exporter: name,
        for: exporter.for,
        container: exporter.container,
        job: exporter.job_name,
        instance: instanceOf(exporter),
        change,
        secrets,
        ...applied,
        answer: running && (await askExporter(running.session, exporter)),
        notices: [
          ...applied.notices.filter((n) => !applied.applied || n.includes(exporter.container)),
          ...(server === undefined || server.state === 'running'
            ? []
            : [`container ${server.name} does not run (${server.status || server.state})`]),
        ],
      }),
      ({ exporter }) => ['stack', 'prometheus', exporterPart(exporter.container)],
    );
  } catch (error) {
    if (error instanceof MonitorError && error.exitCode === 2) for (const step of undo) await step();
    throw error;
  }
};

const instanceOf = ({ name, for: server, port, container }: ExporterConfig): string =>
  server === undefined ? `${container}:${EXPORTERS[name].port}` : `${server}:${port}`;

const look = async (engine: Engine, name: ExporterName, options: AddExporterOptions): Promise<Seen> => {
  const { serverPort } = EXPORTERS[name];
  const containers = await engine.listContainers();
  if (serverPort === undefined) return { engine, containers };
  return { engine, containers, server: serverFor(name, options.for, containers) };
};

/** The entry for monitor.yml. A server keeps the name that an existing entry has for it. */
const entryFor = (
  { config }: LoadedConfig,
  name: ExporterName,
  options: AddExporterOptions,
  seen: Seen | undefined,
): WrittenExporter => {
  const known = config.exporters.some((e) => e.name === name && e.for === options.for);
  const server = known ? options.for : (seen?.server?.name ?? options.for);
  const before = config.exporters.find((e) => e.name === name && e.for === server);
  const unusual =
    seen?.server === undefined || before !== undefined ? undefined : unusualPort(EXPORTERS[name], seen.server);
  const port = options.port ?? unusual;
  const { user, database, path, image } = options;
  const fromEnv =
    options.fromEnv ?? (options.password !== undefined && before?.from_env !== undefined ? false : undefined);
  return { name, for: server, port, user, database, path, from_env: fromEnv, image };
};

/** Where the secrets are stored, if there are any, and whether they have changed. */
interface Kept {
  path?: string;
  isNew: boolean;
}

/** Stores the given secrets. Fails if a credential is missing. */
const keepSecrets = async (
  deps: Deps,
  loaded: LoadedConfig,
  { exporter }: AddedExporter,
  options: AddExporterOptions,
  seen: Seen | undefined,
  undo: (() => Promise<void>)[],
): Promise<Kept> => {
  const folder = stateFolderOf(loaded.path);
  const stored = await readSecrets(folder, exporter);
  const given = await givenValues(deps, exporter, options, seen);
  const now = revised(stored, { ...stored?.values, ...given });
  const missing = missingOptions(EXPORTERS[exporter.name], { ...now.values, ...optionsOf(exporter) });
  if (missing.length > 0) throw missingCredentials(exporter, missing);
  if (Object.keys(now.values).length === 0) return { isNew: false };
  if (now !== stored) {
    undo.push(() => (stored === undefined ? removeSecrets(folder, exporter) : writeSecrets(folder, exporter, stored)));
    await writeSecrets(folder, exporter, now);
  }
  return { path: secretsPathOf(folder, exporter), isNew: now !== stored };
};

const givenValues = async (
  deps: Deps,
  exporter: ExporterConfig,
  { password, fromEnv }: AddExporterOptions,
  seen: Seen | undefined,
): Promise<OptionValues> => {
  if (password !== undefined) return { password };
  if (fromEnv === undefined) return {};
  if (typeof fromEnv === 'string') {
    const values = valuesFromVariable(deps.env, fromEnv);
    if (values.password === undefined) throw variableUnset(fromEnv);
    return values;
  }
  if (seen?.server === undefined) return {};
  const values = valuesFromServer(EXPORTERS[exporter.name], await envOf(seen.engine, seen.server), optionsOf(exporter));
  if (Object.keys(values).length === 0) throw nothingInEnvironment(exporter, seen.server.name);
  return values;
};

/** Pulls the image before anything is written, if the exporter is started now: a pull that fails changes nothing. */
const pullFirst = async (
  { reporter, signal }: Deps,
  { config }: LoadedConfig,
  { image }: ExporterConfig,
  seen: Seen | undefined,
): Promise<void> => {
  const prometheus = seen && containerIn(seen.containers, config.name, 'prometheus');
  if (seen === undefined || prometheus?.state !== 'running' || (await seen.engine.inspectImage(image)) !== undefined)
    return;
  const { engine } = seen;
  await during(reporter.start(`Image ${image}`, 'Pulling'), () => engine.pullImage(image, () => {}, signal), 'Pulled');
};
