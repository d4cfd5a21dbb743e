import type { GridPos, Panel, Row } from './model.ts';
import type { PanelContent } from './panel.ts';

const COLUMNS = 24;
const ROW_HEIGHT = 1;

export interface Placed {
  content: PanelContent;
  /** Of 24 columns. */
  w: number;
  h: number;
}

export interface Section {
  title: string;
  collapsed: boolean;
  panels: readonly Placed[];
}

/** Puts sections that have panels below each other, and their panels from left to right. Ids count from 1 in that order. */
export const layOut = (sections: readonly Section[]): (Panel | Row)[] => {
  const all: (Panel | Row)[] = [];
  let id = 0;
  let y = 0;
  for (const { title, collapsed, panels } of sections.filter((section) => section.panels.length > 0)) {
    const row: Row = {
      id: ++id,
      type: 'row',
      title,
      collapsed,
      gridPos: { x: 0, y, w: COLUMNS, h: ROW_HEIGHT },
      panels: [],
    };
    const placed = flow(panels, y + ROW_HEIGHT).map(
      ({ content, gridPos }): Panel => ({ id: ++id, gridPos, ...content }),
    );
    all.push(collapsed ? { ...row, panels: placed } : row, ...(collapsed ? [] : placed));
    y = Math.max(y + ROW_HEIGHT, ...(collapsed ? [] : placed.map(({ gridPos }) => gridPos.y + gridPos.h)));
  }
  return all;
};

/** From left to right, a new line where there is no room left. */
const flow = (panels: readonly Placed[], top: number): { content: PanelContent; gridPos: GridPos }[] => {
  let [x, y, line] = [0, top, 0];
  return panels.map(({ content, w, h }) => {
    if (x + w > COLUMNS) [x, y, line] = [0, y + line, 0];
    const gridPos = { x, y, w, h };
    x += w;
    line = Math.max(line, h);
    return { content, gridPos };
  });
};

/** Panels of one height that fill their lines, so that no gap is left at the right; one alone takes `alone` of its line. */
export const filled = (contents: readonly PanelContent[], inLine: number, h: number, alone = 1 / 2): Placed[] =>
  contents.map((content, index) => {
    const rest = contents.length % inLine;
    const last = index >= contents.length - rest;
    return { content, w: Math.floor(COLUMNS / Math.max(1 / alone, last ? rest : inLine)), h };
  });
