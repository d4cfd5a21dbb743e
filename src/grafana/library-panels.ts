import { type Connection, find } from './ask.ts';
import { isObject, type JsonObject, textOf } from './json.ts';

export interface LibraryPanelCalls {
  /** The panels of the library by uid, as they are drawn; none before Grafana 8.0, which brought them. */
  listLibraryPanels(): Promise<Map<string, JsonObject>>;
}

/** More than a local Grafana has. */
const LIMIT = 5000;

export const libraryPanelCalls = (connection: Connection): LibraryPanelCalls => ({
  async listLibraryPanels() {
    const path = `/api/library-elements?kind=1&perPage=${LIMIT}`;
    const elements = await find(connection, 'list its library panels', path, (answer) => {
      const result = isObject(answer) ? answer['result'] : undefined;
      return isObject(result) && Array.isArray(result['elements']) ? result['elements'].filter(isObject) : undefined;
    });
    const models = (elements ?? []).flatMap((element) =>
      isObject(element['model']) ? [[textOf(element, 'uid'), element['model']] as const] : [],
    );
    return new Map(models);
  },
});
