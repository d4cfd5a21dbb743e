import stringWidth from 'string-width';

type Cells = readonly string[];

/** Columns side by side without lines, the way `docker ps` prints them; empty without rows. */
export const table = (head: Cells, rows: readonly Cells[], colAligns: ('left' | 'right')[] = []): string => {
  if (rows.length === 0) return '';
  const all = [head, ...rows.map((row) => row.map((cell) => cell.replaceAll('\t', ' ')))];
  const sizes = all.map((row) => row.map((cell) => stringWidth(cell)));
  const widths = head.map((_, i) => sizes.reduce((widest, row) => Math.max(widest, row[i] ?? 0), 0));
  const padded = (cell: string, row: number, i: number): string => {
    const space = ' '.repeat((widths[i] ?? 0) - (sizes[row]?.[i] ?? 0));
    return colAligns[i] === 'right' ? space + cell : cell + space;
  };
  return all
    .map((cells, row) =>
      cells
        .map((cell, i) => padded(cell, row, i))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};
