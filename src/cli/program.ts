import { Command, Help, type Option } from 'commander';
import { closest } from '../config/suggest.ts';
import type { Invoke } from './command.ts';
import { type Entry, GROUPS } from './commands.ts';
import type { Usage } from './usage.ts';

export interface GlobalOptions {
  config?: string;
  context?: string;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
}

/** The command line as a tree of commands, each with its name and description alone until it is completed. */
export interface Program {
  root: Command;
  /** Loads a command's file, which adds its arguments and options; once. */
  complete: (command: Command) => Promise<void>;
  usage: Usage;
}

/** `invokeWith`: runs a command with these global options. */
export const buildProgram = (version: string, invokeWith: (globals: GlobalOptions) => Invoke): Program => {
  const usage: Usage = { text: '', command: 'monitor' };
  const root = new Command('monitor')
    .exitOverride()
    .configureOutput({
      writeErr: (text) => {
        usage.text += text;
      },
    })
    .description('Prometheus and Grafana for the containers on your machine')
    .version(version, '-V, --version', 'print the version')
    .option('--config <file>', 'path of monitor.yml (default: the nearest one in this folder or above)')
    .option('--context <name>', 'Docker context to use')
    .option('--json', 'print one JSON document, for errors too', false)
    .option('-q, --quiet', 'print only errors and what was asked for', false)
    .option('-v, --verbose', 'print each step, and where an error comes from', false)
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .configureHelp({ optionDescription, showGlobalOptions: true })
    .addHelpText('after', EXAMPLES);
  const incomplete = new Map<Command, NonNullable<Entry[2]>>();
  const complete = async (command: Command): Promise<void> => {
    const load = incomplete.get(command);
    if (load === undefined) return;
    incomplete.delete(command);
    const { command: define } = await load();
    define(command, (run, how) => (...parsed) => {
      refuseUnknownSubcommand(command);
      return invokeWith(command.optsWithGlobals<GlobalOptions>())(run, how)(...parsed);
    });
  };
  const add = (parent: Command, path: string, entries: readonly Entry[]): void => {
    parent.hook('preSubcommand', (_, command) => {
      usage.command = `${path} ${command.name()}`;
      return complete(command);
    });
    for (const [name, description, load, commands] of entries) {
      const command = parent.command(name).description(description);
      if (load !== undefined) incomplete.set(command, load);
      if (commands === undefined) continue;
      add(command.helpCommand(false), `${path} ${name}`, commands);
      command.allowExcessArguments();
    }
  };
  for (const [heading, commands] of GROUPS) {
    root.commandsGroup(heading);
    add(root, root.name(), commands);
  }
  const program = { root, complete, usage };
  addHelpCommand(program);
  return program;
};

/** Without `(default: false)` and `(default: [])`, which go without saying. */
const optionDescription = (option: Option): string =>
  option.defaultValue === false || (Array.isArray(option.defaultValue) && option.defaultValue.length === 0)
    ? option.description
    : new Help().optionDescription(option);

const EXAMPLES = `
Examples:
  $ monitor init && monitor up
  $ monitor add-target events:9100 --job-name eventservice
  $ monitor status`;

/** In place of commander's own one, which shows the help of all commands if the name is misspelt. */
const addHelpCommand = ({ root, complete, usage }: Program): void => {
  root
    .command('help')
    .description('show help for a command')
    .argument('[command...]', 'the command (default: all of them)')
    .action(async (names: readonly string[]) => {
      usage.command = root.name();
      let command = root;
      for (const name of names) command = subcommandOf(command, name);
      await complete(command);
      command.help();
    });
};

/** Of a command that does something itself, commander takes a misspelt subcommand for an argument too many. */
const refuseUnknownSubcommand = (command: Command): void => {
  const [first] = command.commands.length > 0 ? command.args : [];
  if (first !== undefined) subcommandOf(command, first);
};

const subcommandOf = (command: Command, name: string): Command => {
  const found = command.commands.find((sub) => sub.name() === name);
  if (found !== undefined) return found;
  const near = closest(
    name,
    command.commands.map((sub) => sub.name()),
  );
  const hint = near === undefined ? '' : `\n(Did you mean ${near}?)`;
  return command.error(`error: unknown command '${name}'${hint}`, { code: 'commander.unknownCommand' });
};
