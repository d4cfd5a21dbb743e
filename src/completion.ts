import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

/**
 * Gives a program the command `completion`, which prints a script for a shell, and the hidden `complete`, which such a
 * script asks for what may come next: one a line, each with a tab and its description, and `:<number>` at the end.
 */
export const addCompletion = (program: Command): void => {
  tab(program, { completionCommandName: 'completion' });
};

/**
 * The script for bash, in place of tab's own one, which needs the package bash-completion and hands the line that is
 * being typed to `eval`. Where nothing fits, bash completes file names.
 */
export const bashCompletion = (name: string): string => `_${name}_complete() {
  local value _
  COMPREPLY=()
  while IFS=$'\\t' read -r value _; do
    [[ $value != :* && $value == "\${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$value")
  done < <(${name} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _${name}_complete ${name}
`;
