import { accepted, type Connection } from './ask.ts';
import { isObject, type JsonObject } from './json.ts';

export interface LibraryPanelCalls {
  /** The panel that dashboards name by this uid, as it is drawn; `undefined` where it is gone. Grafana has them from 8.0 on. */
  getLibraryPanel(uid: string): Promise<JsonObject | undefined>;
}

export function libraryPanelCalls({ ask, unexpected }: Connection): LibraryPanelCalls {
  return {
    async getLibraryPanel(uid) {
      const what = `show the library panel with uid "${uid}"`;
      const response = await ask(what, 'GET', `/api/library-elements/${encodeURIComponent(uid)}`);
      if (response.status === 404) return undefined;
      const answer = accepted(what, response);
      const element = isObject(answer) ? answer['result'] : undefined;
      const model = isObject(element) ? element['model'] : undefined;
      if (!isObject(model)) throw unexpected(what, response);
      return model;
    },
  };
}
