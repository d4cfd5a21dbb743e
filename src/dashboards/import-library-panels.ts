import { isObject, type JsonObject, textOf } from '../grafana/json.ts';
import { mapObjects, objectsIn } from './json-tree.ts';

/**
 * Puts library panels into the dashboard that uses them: the folder of the stack has no library of its own. An export
 * carries them in `__elements`, by uid from 9.1 on and as a list before.
 */
export function inlineLibraryPanels(exported: JsonObject): { dashboard: JsonObject; notices: string[] } {
  const { __elements, ...content } = exported;
  const elements = new Map(
    (isObject(__elements) ? Object.values(__elements) : objectsIn(__elements))
      .filter(isObject)
      .map((element) => [textOf(element, 'uid'), element]),
  );
  const notices = new Set<string>();
  const inline = (panel: JsonObject): JsonObject => {
    if (!isObject(panel.libraryPanel)) return panel;
    const { libraryPanel, ...rest } = panel;
    const model = elements.get(textOf(libraryPanel, 'uid'))?.model;
    if (isObject(model)) return { ...model, ...placed(rest) };
    // 8 and 9 write the panel itself beside the reference.
    if (objectsIn(rest.targets).length > 0) return rest;
    const name = textOf(libraryPanel, 'name') || textOf(libraryPanel, 'uid');
    notices.add(`the library panel "${name}" is not in the file: export the dashboard for sharing, which includes it`);
    return panel;
  };
  const dashboard = mapObjects(content, inline);
  return { dashboard: isObject(dashboard) ? dashboard : content, notices: [...notices] };
}

/** What a dashboard says of a panel of the library: where it is, and under which title. */
const placed = ({ id, gridPos, title, repeat, repeatDirection, maxPerRow }: JsonObject): JsonObject => ({
  ...(id === undefined ? {} : { id }),
  ...(gridPos === undefined ? {} : { gridPos }),
  ...(title === undefined ? {} : { title }),
  ...(repeat === undefined ? {} : { repeat, repeatDirection, maxPerRow }),
});
