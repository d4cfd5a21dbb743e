import { accepted, type Connection } from './ask.ts';
import { isObject, type JsonObject, textOf } from './json.ts';

export interface LibraryPanelCalls {
  /** The panels of the library by uid, as they are drawn; none before Grafana 8.0, which brought them. */
  listLibraryPanels(): Promise<Map<string, JsonObject>>;
}

/** More than a local Grafana has. */
const LIMIT = 5000;

export function libraryPanelCalls({ ask, unexpected }: Connection): LibraryPanelCalls {
  return {
    async listLibraryPanels() {
      const what = 'list its library panels';
      const response = await ask(what, 'GET', `/api/library-elements?kind=1&perPage=${LIMIT}`);
      if (response.status === 404) return new Map();
      const answer = accepted(what, response);
      const result = isObject(answer) ? answer['result'] : undefined;
      const elements = isObject(result) ? result['elements'] : undefined;
      if (!Array.isArray(elements)) throw unexpected(what, response);
      return new Map(
        elements.flatMap((element) =>
          isObject(element) && isObject(element['model']) ? [[textOf(element, 'uid'), element['model']] as const] : [],
        ),
      );
    },
  };
}
