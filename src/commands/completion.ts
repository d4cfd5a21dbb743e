import { Argument } from 'commander';
import type { Define } from '../cli/command.ts';
import type { ReportOf } from '../output/report.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export const command: Define = (completion, invoke) =>
  completion
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .addHelpText('after', USE)
    .action(invoke(runCompletion));

const USE = `
Add one of these to the startup file of your shell:
  source <(monitor completion bash)
  source <(monitor completion zsh)
  monitor completion fish | source`;

/**
 * The completion script for a shell. It asks `monitor complete`, which knows the commands, and completes files where that
 * offers nothing. The typed words are passed on as arguments, and never run.
 */
export const runCompletion = async (_deps: unknown, shell: Shell): Promise<ReportOf<'text'>> => ({
  kind: 'text',
  text: SCRIPTS[shell],
});

const SCRIPTS: Record<Shell, string> = {
  bash: `_monitor_complete() {
  local value _
  COMPREPLY=()
  while IFS=$'\\t' read -r value _; do
    [[ $value != :* && $value == "\${COMP_WORDS[COMP_CWORD]}"* ]] && COMPREPLY+=("$value")
  done < <(monitor complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _monitor_complete monitor
`,
  zsh: `#compdef monitor
_monitor_complete() {
  local line value before=
  local -a offered
  [[ $words[CURRENT] == -*=* ]] && before="\${words[CURRENT]%%=*}="
  for line in "\${(@f)$(monitor complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line || $line == :* ]] && continue
    value="$before\${line%%$'\\t'*}"
    line=\${line#*$'\\t'}
    offered+=("\${value//:/\\\\:}\${line:+:$line}")
  done
  if (( $#offered )); then _describe monitor offered; else _files; fi
}
compdef _monitor_complete monitor
`,
  fish: `function __monitor_complete
    set -l typed (commandline -opc)
    set -l word (commandline -ct)
    set -l before (string match -r -- '^-.*=' "$word")
    set -l offered (monitor complete -- $typed[2..-1] "$word" 2>/dev/null | string match -rv '^(:|$)')
    if set -q offered[1]
        printf "$before%s\\n" $offered
    else
        __fish_complete_path "$word"
    end
end
complete -c monitor -f -a '(__monitor_complete)'
`,
};
