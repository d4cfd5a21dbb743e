import { isDeepStrictEqual } from 'node:util';
import { type EditedList, type Put, putEntry, removeEntries } from '../config/edit-list.ts';
import type { DashboardSource } from '../config/model.ts';
import { resolve } from '../config/resolve.ts';
import { mistake } from '../errors.ts';

const DASHBOARDS: EditedList<DashboardSource> = {
  key: 'dashboards',
  entriesOf: ({ dashboards }) => dashboards,
  shortest: (source) => source,
  refused: (_source, lines) =>
    mistake({
      code: 'invalid-dashboard',
      message: 'This dashboard cannot be added to monitor.yml',
      detail: lines,
      suggestion: 'see `monitor dashboards add --help`',
    }),
};

/** monitor.yml's text with the entry at the end of `dashboards`, unless it is there. Pure. @throws as `putEntry` */
export const addSource = (text: string, source: DashboardSource, fileName: string): Put<DashboardSource> => {
  const config = resolve(text, fileName);
  const position = config.dashboards.findIndex((one) => isDeepStrictEqual(one, source));
  return putEntry(DASHBOARDS, { path: fileName, text, config }, position, source, source);
};

/** The text without that entry of `dashboards`. Pure. @throws as `removeEntries` */
export const removeSource = (text: string, source: DashboardSource, fileName: string): string =>
  removeEntries(DASHBOARDS, text, fileName, (one) => isDeepStrictEqual(one, source)).text;
