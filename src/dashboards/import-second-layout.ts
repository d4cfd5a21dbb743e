import { asRecord, isRecord, type JsonRecord, objectsIn, textOf } from '../json.ts';

interface Placed {
  panels: JsonRecord[];
  bottom: number;
}

const WIDTH = 24;
/** Lines of Grafana's grid for the row heights of an automatic one. */
const HEIGHTS: Readonly<Record<string, number>> = { short: 5, standard: 9, tall: 14 };

/** The layout of the second schema as panels with positions; `elements` are the panels by their names in it. */
export function gridOf(layout: unknown, elements: JsonRecord): { panels: JsonRecord[]; notices: string[] } {
  const notices = new Set<string>();
  let nextId = 1 + Math.max(0, ...Object.values(elements).map((one) => (isRecord(one) ? Number(one.id) || 0 : 0)));

  const place = (value: unknown, top: number): Placed => {
    if (!isRecord(value) || !isRecord(value.spec)) return { panels: [], bottom: top };
    const { spec } = value;
    if (value.kind === 'RowsLayout') return inTurn(objectsIn(spec.rows), top, row);
    if (value.kind === 'TabsLayout') {
      notices.add('its tabs become rows: the schema in which dashboards are written has no tabs');
      return inTurn(objectsIn(spec.tabs), top, row);
    }
    const items = objectsIn(spec.items).map((item) => asRecord(item['spec']));
    return value.kind === 'AutoGridLayout' ? automatic(spec, items, top) : grid(items, top);
  };

  const row = (kind: JsonRecord, top: number): Placed => {
    const { title, collapse, hideHeader, layout, repeat, conditionalRendering } = asRecord(kind['spec']);
    if (isRecord(conditionalRendering)) notices.add('a row that is shown under a condition is always shown here');
    if (hideHeader === true) return place(layout, top);
    const header = { id: nextId++, type: 'row', title: title ?? '', gridPos: { x: 0, y: top, w: WIDTH, h: 1 } };
    const inside = place(layout, top + 1);
    if (collapse === true) {
      return { panels: [{ ...header, collapsed: true, panels: inside.panels, ...repeated(repeat) }], bottom: top + 1 };
    }
    const open = { ...header, collapsed: false, panels: [], ...repeated(repeat) };
    return { panels: [open, ...inside.panels], bottom: inside.bottom };
  };

  const element = (item: JsonRecord, gridPos: JsonRecord): JsonRecord[] => {
    const panel = elements[textOf(item.element, 'name')];
    if (isRecord(item.conditionalRendering))
      notices.add('a panel that is shown under a condition is always shown here');
    return isRecord(panel) ? [{ ...panel, gridPos, ...repeated(item.repeat) }] : [];
  };

  const grid = (items: readonly JsonRecord[], top: number): Placed => {
    const at = (item: JsonRecord) => ({
      x: Number(item.x) || 0,
      y: top + (Number(item.y) || 0),
      w: Number(item.width) || WIDTH / 2,
      h: Number(item.height) || 8,
    });
    const bottom = Math.max(top, ...items.map(at).map(({ y, h }) => y + h));
    return { panels: items.flatMap((item) => element(item, at(item))), bottom };
  };

  const automatic = (spec: JsonRecord, items: readonly JsonRecord[], top: number): Placed => {
    const columns = Number(spec.maxColumnCount) || 3;
    const w = Math.max(1, Math.floor(WIDTH / columns));
    const h = HEIGHTS[textOf(spec, 'rowHeightMode')] ?? 9;
    const at = (i: number) => ({ x: (i % columns) * w, y: top + Math.floor(i / columns) * h, w, h });
    const panels = items.flatMap((item, i) => element(item, at(i)));
    return { panels, bottom: top + Math.ceil(items.length / columns) * h };
  };

  return { panels: place(layout, 0).panels, notices: [...notices] };
}

function inTurn(kinds: readonly JsonRecord[], top: number, one: (kind: JsonRecord, top: number) => Placed): Placed {
  let placed: Placed = { panels: [], bottom: top };
  for (const kind of kinds) {
    const next = one(kind, placed.bottom);
    placed = { panels: [...placed.panels, ...next.panels], bottom: next.bottom };
  }
  return placed;
}

function repeated(repeat: unknown): JsonRecord {
  if (!isRecord(repeat)) return {};
  return { repeat: repeat.value, repeatDirection: repeat.direction ?? 'h', maxPerRow: repeat.maxPerRow };
}
