import Table from 'cli-table3';

const BARE = Object.fromEntries(
  ['top', 'bottom', 'left', 'right']
    .flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
    .concat('mid', 'mid-mid')
    .map((part) => [part, '']),
);

type Cells = readonly string[];

/** Columns side by side without lines, the way `docker ps` prints them; empty without rows. */
export const table = (head: Cells, rows: readonly Cells[], colAligns: ('left' | 'right')[] = []): string => {
  if (rows.length === 0) return '';
  const drawn = new Table({
    colAligns,
    chars: { ...BARE, middle: '  ' },
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
  });
  drawn.push([...head], ...rows.map((row) => row.map((cell) => cell.replaceAll('\t', ' '))));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};
