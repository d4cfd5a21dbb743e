import { asRecord, isRecord, type JsonRecord, objectsIn, textOf } from '../../json.ts';
import { panelsOf } from '../json-tree.ts';

/** A panel that asks something, wherever it stands in the dashboard. */
export interface QueryPanel {
  title: string;
  /** As it is written: an object with a uid, a name, a variable, or nothing. */
  datasource: unknown;
  targets: readonly PanelTarget[];
  /** The least step. */
  interval?: string;
  maxPoints: number;
  /** A range of its own, such as `1h`, in place of the dashboard's. */
  timeFrom?: string;
  /** Variables that the panel, or its row, is repeated for. */
  repeats: readonly string[];
}

export interface PanelTarget {
  expr: string;
  datasource: unknown;
  instant: boolean;
  /** It is asked over the range too, or alone. */
  range: boolean;
  interval?: string;
  factor: number;
}

/** Pixels of a column of Grafana's 24, in a window that is as wide as most: a point each. */
const PIXELS_OF_COLUMN = 60;

/**
 * The panels with queries, those in collapsed rows and of layouts before Grafana 5 among them. `libraryPanels`: models by
 * uid, for panels that only name one. Pure.
 */
export const queryPanels = (
  dashboard: JsonRecord,
  libraryPanels: ReadonlyMap<string, JsonRecord> = new Map(),
): QueryPanel[] => {
  const found: QueryPanel[] = [];
  const visit = (panels: unknown, inherited: readonly string[]): void => {
    let ofRow = inherited;
    for (const panel of objectsIn(panels)) {
      if (textOf(panel, 'type') === 'row') {
        ofRow = repeatsOf(panel);
        visit(panel['panels'], ofRow);
      } else {
        const whole = withLibrary(panel, libraryPanels);
        const read = toPanel(whole, [...ofRow, ...repeatsOf(whole)]);
        if (read.targets.length > 0) found.push(read);
      }
    }
  };
  visit(dashboard['panels'], []);
  for (const row of objectsIn(dashboard['rows'])) visit(row['panels'], repeatsOf(row));
  return found;
};

/** Whether it has panels of the library, which it only names. */
export const namesLibraryPanels = (dashboard: JsonRecord): boolean =>
  panelsOf(dashboard).some((panel) => isRecord(panel['libraryPanel']));

const repeatsOf = (panel: JsonRecord): string[] => [textOf(panel, 'repeat')].filter((name) => name !== '');

const withLibrary = (panel: JsonRecord, models: ReadonlyMap<string, JsonRecord>): JsonRecord => {
  const model = models.get(textOf(panel['libraryPanel'], 'uid'));
  return model === undefined ? panel : { ...model, ...panel, ...{ targets: model['targets'], type: model['type'] } };
};

const toPanel = (panel: JsonRecord, repeats: readonly string[]): QueryPanel => {
  const { maxDataPoints, span } = panel;
  const { w } = asRecord(panel['gridPos']);
  const width = typeof w === 'number' ? w : typeof span === 'number' ? span * 2 : 12;
  return {
    title: textOf(panel, 'title') || `panel ${String(panel['id'] ?? '')}`.trim(),
    datasource: panel['datasource'],
    targets: objectsIn(panel['targets']).flatMap(toTarget),
    interval: textOf(panel, 'interval') || undefined,
    maxPoints: Number(maxDataPoints) > 0 ? Number(maxDataPoints) : width * PIXELS_OF_COLUMN,
    timeFrom: textOf(panel, 'timeFrom') || undefined,
    repeats,
  };
};

/** Hidden queries are not asked, and expressions over other queries have data where those do. */
const toTarget = (target: JsonRecord): PanelTarget[] => {
  const expr = textOf(target, 'expr');
  const { datasource } = target;
  const asksOther = expr === '' && textOf(datasource, 'uid') === '' && typeof datasource !== 'string';
  if (target['hide'] === true || textOf(datasource, 'type') === '__expr__' || asksOther) return [];
  const instant = target['instant'] === true;
  return [
    {
      expr,
      datasource,
      instant,
      range: !instant || target['range'] === true,
      interval: textOf(target, 'interval') || undefined,
      factor: Number(target['intervalFactor']) || 1,
    },
  ];
};
