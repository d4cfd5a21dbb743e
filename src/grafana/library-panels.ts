import { asRecord, isRecord, type JsonRecord, textOf } from '../json.ts';
import { type Connection, find } from './ask.ts';

export interface LibraryPanelCalls {
  /** The panels of the library by uid, as they are drawn; none before Grafana 8.0, which brought them. */
  listLibraryPanels(): Promise<Map<string, JsonRecord>>;
}

/** More than a local Grafana has. */
const LIMIT = 5000;

export const libraryPanelCalls = (connection: Connection): LibraryPanelCalls => ({
  async listLibraryPanels() {
    const path = `/api/library-elements?kind=1&perPage=${LIMIT}`;
    const elements = await find(connection, 'list its library panels', path, (answer) => {
      const { elements: found } = asRecord(asRecord(answer).result);
      return Array.isArray(found) ? found.filter(isRecord) : undefined;
    });
    const models = (elements ?? []).flatMap((element) =>
      isRecord(element.model) ? [[textOf(element, 'uid'), element.model] as const] : [],
    );
    return new Map(models);
  },
});
