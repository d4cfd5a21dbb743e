import { completionScript, type Shell } from '../completion.ts';
import type { TextReport } from '../output/report.ts';

export interface CompletionOptions {
  shell: Shell;
}

/** The completions of a shell, as it reads them. */
export const runCompletion = ({ shell }: CompletionOptions): TextReport => ({
  kind: 'text',
  text: completionScript(shell, 'monitor').trimEnd(),
});
