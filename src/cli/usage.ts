import type { Command, CommanderError } from 'commander';
import { type MonitorError, mistake } from '../errors.ts';

/** Commander's words on a wrong command line, which is reported like any other error. */
export interface Usage {
  /** The help, if it was printed. */
  text: string;
  /** The command that was used wrongly: `monitor up`. */
  command: string;
}

/** Keeps commander from writing errors itself; help goes to stdout as it is. */
export const captureUsage = (program: Command): Usage => {
  const captured = { text: '', command: 'monitor' };
  const configure = (command: Command, name: string): void => {
    command
      .exitOverride((error) => {
        captured.command = name;
        throw error;
      })
      .configureOutput({
        writeErr: (text) => {
          captured.text += text;
        },
      });
    for (const sub of command.commands) configure(sub, `${name} ${sub.name()}`);
  };
  configure(program, 'monitor');
  return captured;
};

export const usageError = (error: CommanderError, { text, command }: Usage): MonitorError => {
  if (error.code === 'commander.help') {
    const detail = text.trim().split('\n');
    return mistake({ code: 'usage', message: 'No command was given', detail });
  }
  const [first = '', ...rest] = error.message.replace(/^error: /, '').split('\n');
  const [message = '', ...why] = first.replace(/\.$/, '').split('. ');
  const hint = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  return mistake({
    code: 'usage',
    message: message.charAt(0).toUpperCase() + message.slice(1),
    detail: why,
    suggestion: hint || `see \`${command} --help\``,
  });
};
