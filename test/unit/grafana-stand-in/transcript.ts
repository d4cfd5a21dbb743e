/** One recorded exchange with a real server. */
export interface Exchange {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly answer: string;
}

/** Reads `### name`, the request line, its body if any, the status line, headers, a blank line, and the answer. */
export function parseTranscript(text: string): Exchange[] {
  return text
    .split(/^### /m)
    .filter((part) => part.trim() !== '')
    .map(parseExchange);
}

function parseExchange(part: string): Exchange {
  const lines = part.split('\n');
  const statusAt = lines.findIndex((line) => line.startsWith('HTTP/1.1 '));
  const blankAt = lines.indexOf('', statusAt);
  const [method = '', path = ''] = (lines[1] ?? '').split(' ');
  return {
    name: lines[0] ?? '',
    method,
    path,
    body: statusAt > 2 ? lines.slice(2, statusAt).join('\n') : undefined,
    status: Number(lines[statusAt]?.split(' ')[1]),
    headers: lines.slice(statusAt + 1, blankAt).map(parseHeader),
    answer: lines
      .slice(blankAt + 1)
      .join('\n')
      .trim(),
  };
}

function parseHeader(line: string): [string, string] {
  const colon = line.indexOf(': ');
  return [line.slice(0, colon), line.slice(colon + 2)];
}
