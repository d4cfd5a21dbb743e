import { type Command as Offered, RootCommand } from '@bomb.sh/tab';
import type { Command, Option } from 'commander';
import type { Program } from './program.ts';

/**
 * Prints what may come next in a command line, each on a line with a tab and its description, and `:<number>` at the end.
 * The scripts of `monitor completion` ask for this.
 * @param words those behind `monitor`; the last one is being typed, and may be empty
 */
export const offerCompletions = async (program: Program, words: readonly string[]): Promise<void> => {
  for (const command of namedIn(program.root, words)) await program.complete(command);
  const offered = new RootCommand();
  describe(offered, program.root);
  describeBelow(offered, program.root, '');
  offered.parse([...words]);
};

/** The commands that the words name: `dashboards`, and `check` below it. */
const namedIn = (command: Command, [word, ...rest]: readonly string[]): Command[] => {
  if (word === undefined) return [];
  const named = command.commands.find((sub) => sub.name() === word);
  return named === undefined ? namedIn(command, rest) : [named, ...namedIn(named, rest)];
};

const describeBelow = (offered: RootCommand, command: Command, path: string): void => {
  for (const sub of visibleOf(command)) {
    describe(offered.command(`${path}${sub.name()}`, sub.description()), sub);
    describeBelow(offered, sub, `${path}${sub.name()} `);
  }
};

const visibleOf = (command: Command): Command[] => command.createHelp().visibleCommands(command);

const describe = (into: Offered, command: Command): void => {
  const help = command.createHelp();
  for (const option of [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)])
    addOption(into, option);
  for (const argument of command.registeredArguments) {
    const { argChoices } = argument;
    into.argument(argument.name(), argChoices && offering(argChoices), argument.variadic);
  }
};

const addOption = (into: Offered, { long, short, description, argChoices, required, optional }: Option): void => {
  const name = long?.replace(/^--/, '');
  if (name === undefined) return;
  const letter = short?.replace(/^-/, '');
  if (required || optional) into.option(name, description, offering(argChoices ?? []), letter);
  else into.option(name, description, letter);
};

type Offer = (value: string, description: string) => void;

const offering = (values: readonly string[]) => (offer: Offer) => {
  for (const value of values) offer(value, '');
};
