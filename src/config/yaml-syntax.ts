import type { LineCounter, YAMLError } from 'yaml';

/** What the parser complains about, in words and at the line to change. */
export interface SyntaxProblem {
  offset: number;
  message: string;
}

/** One a line: a parser that lost its way complains about the same place several times. */
export function syntaxProblems(text: string, errors: readonly YAMLError[], lines: LineCounter): SyntaxProblem[] {
  const byLine = new Map<number, SyntaxProblem>();
  for (const error of [...errors].sort((a, b) => a.pos[0] - b.pos[0])) {
    const problem = misplacedLine(text, error, errors) ?? { offset: error.pos[0], message: messageOf(error) };
    const { line } = lines.linePos(problem.offset);
    if (!byLine.has(line)) byLine.set(line, problem);
  }
  return [...byLine.values()];
}

const MISPLACED = 'wrong indentation: the keys of a section, and the entries of a list, start in the same column';

/**
 * The line that is indented wrongly. One that is too far in goes on with the value above it, so that the parser takes
 * both lines for one key: it points at the value, and at the end of that key where the line's own colon is.
 */
function misplacedLine(text: string, { message, pos }: YAMLError, all: readonly YAMLError[]) {
  const alike = (other: YAMLError, wanted: string) => other.code === wanted && other.pos[0] === pos[0];
  if (/^(All mapping items must start|A block sequence may not be|Sequence item without)/.test(message))
    return { offset: firstLetter(text, pos[0]), message: MISPLACED };
  const key = all.find((other) => alike(other, 'MULTILINE_IMPLICIT_KEY'));
  if (key === undefined || !all.some((other) => alike(other, 'BLOCK_AS_IMPLICIT_KEY'))) return undefined;
  return { offset: firstLetter(text, key.pos[1]), message: MISPLACED };
}

/** Where the line that `offset` is in has its first letter. */
function firstLetter(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return start + (/^ */.exec(text.slice(start))?.[0].length ?? 0);
}

function messageOf({ code, message }: YAMLError): string {
  if (code === 'TAB_AS_INDENT') return 'tab used for indentation: YAML allows spaces only';
  if (code === 'MULTIPLE_DOCS') return 'a second document starts here (`---`); only one is allowed';
  if (/^Maximum call stack/.test(message)) return 'nested too deeply';
  if (/^Nested mappings are not allowed/.test(message))
    return 'a text with a colon and a space in it must be quoted as a whole';
  if (/must be sufficiently indented and end with a ([\]}])/.test(message))
    return `${message.startsWith('Flow map') ? 'a mapping that starts with `{`' : 'a list that starts with `[`'} is not closed before this line, or this line is not indented`;
  if (/^Unexpected scalar at node end/.test(message))
    return `${message} (a text that starts with \`[\`, \`{\` or a quote must be quoted as a whole)`;
  return message.replaceAll('\n', ' ');
}
