import { script } from '@bomb.sh/tab';
import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';

export type Shell = 'bash' | 'zsh' | 'fish';

/**
 * Gives a program the command `complete`, which a shell's script asks for what may come next: one a line, each with a tab
 * and its description, and `:<number>` at the end.
 */
export const addComplete = (program: Command): void => {
  tab(program);
};

/** What a shell has to read to complete the program's command lines. */
export const completionScript = (shell: Shell, name: string): string => {
  if (shell === 'bash') return bashCompletion(name);
  // It prints its scripts itself.
  const { log } = console;
  const printed: string[] = [];
  console.log = (text: string) => printed.push(text);
  try {
    script(shell, name, name);
  } finally {
    console.log = log;
  }
  return printed.join('\n');
};

/**
 * The script for bash, in place of tab's own one, which needs the package bash-completion and hands the line that is
 * being typed to `eval`. Where nothing fits, bash completes file names.
 */
const bashCompletion = (name: string): string => `_${name}_complete() {
  local value _
  COMPREPLY=()
  while IFS=$'\\t' read -r value _; do
    [[ $value != :* && $value == "\${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$value")
  done < <(${name} complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _${name}_complete ${name}
`;
