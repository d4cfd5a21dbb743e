import { isRecord, type JsonRecord, objectsIn, textOf } from '../json.ts';
import { mapObjects } from './json-tree.ts';

/**
 * Puts library panels into the dashboard that uses them, as far as its file has them: an export carries them in
 * `__elements`, by uid from 9.1 on and as a list before. Of others those stay that the server has (`there`, by uid); one
 * that it does not have becomes a text that says so, since 9.4 answers 500 to a panel that its library lacks.
 */
export function inlineLibraryPanels(
  exported: JsonRecord,
  there: ReadonlyMap<string, unknown>,
): { dashboard: JsonRecord; notices: string[] } {
  const { __elements, ...content } = exported;
  const elements = new Map(
    (isRecord(__elements) ? Object.values(__elements) : objectsIn(__elements))
      .filter(isRecord)
      .map((element) => [textOf(element, 'uid'), element]),
  );
  const notices = new Set<string>();
  const inline = (panel: JsonRecord): JsonRecord => {
    if (!isRecord(panel.libraryPanel)) return panel;
    const { libraryPanel, ...rest } = panel;
    const uid = textOf(libraryPanel, 'uid');
    const model = elements.get(uid)?.model;
    if (isRecord(model)) return { ...model, ...placed(rest) };
    // 8 and 9 write the panel itself beside the reference.
    if (objectsIn(rest.targets).length > 0) return rest;
    if (there.has(uid)) return panel;
    const name = textOf(libraryPanel, 'name') || uid;
    const missing = `the library panel "${name}" is neither in the file nor in this Grafana`;
    notices.add(`${missing}: export the dashboard for sharing, which includes it`);
    return { title: name, ...placed(rest), type: 'text', options: { mode: 'markdown', content: missing } };
  };
  return { dashboard: mapObjects(content, inline), notices: [...notices] };
}

/** What a dashboard says of a panel of the library: where it is, and under which title. */
const placed = ({ id, gridPos, title, repeat, repeatDirection, maxPerRow }: JsonRecord): JsonRecord => ({
  ...(id === undefined ? {} : { id }),
  ...(gridPos === undefined ? {} : { gridPos }),
  ...(title === undefined ? {} : { title }),
  ...(repeat === undefined ? {} : { repeat, repeatDirection, maxPerRow }),
});
