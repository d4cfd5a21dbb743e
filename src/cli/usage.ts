import type { CommanderError } from 'commander';
import { type MonitorError, mistake } from '../errors.ts';

/** What is known of a command line that commander refuses, which is reported like any other error. */
export interface Usage {
  /** What commander would have written to stderr: the help, where no command is given. */
  text: string;
  /** The command that was used wrongly: `monitor up`. */
  command: string;
}

export const usageError = (error: CommanderError, { text, command }: Usage): MonitorError => {
  if (error.code === 'commander.help') {
    const detail = text.trim().split('\n');
    return mistake({ code: 'usage', message: 'No command was given', detail });
  }
  const words = error.message
    .replace(/^error: /, '')
    .replace(/^command-argument value (.+) is invalid for argument '(.+?)'/, 'unknown $2 $1');
  const [first = '', ...rest] = words.split('\n');
  const [message = '', ...why] = first.replace(/\.$/, '').split('. ');
  const hint = rest.join(' ').replace(/^\((.*)\)$/, '$1');
  return mistake({
    code: 'usage',
    message: message.charAt(0).toUpperCase() + message.slice(1),
    detail: why,
    suggestion: hint || `see \`${command} --help\``,
  });
};
