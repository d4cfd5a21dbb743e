import { type Command as Offered, RootCommand } from '@bomb.sh/tab';
import type { Command, Option } from 'commander';

/**
 * Prints what may come next on a line: one a line, each with a tab and its description, and `:<number>` at the end.
 * The scripts of `monitor completion` ask for this.
 * @param words those behind `monitor`; the last one is being typed, and may be empty
 */
export const offerCompletions = (program: Command, words: readonly string[]): void => {
  const root = new RootCommand();
  describe(root, program);
  for (const command of visibleOf(program)) describe(root.command(command.name(), command.description()), command);
  root.parse([...words]);
};

const visibleOf = (command: Command): Command[] => command.createHelp().visibleCommands(command);

const describe = (into: Offered, command: Command): void => {
  for (const option of command.createHelp().visibleOptions(command)) addOption(into, option);
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
