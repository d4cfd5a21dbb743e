import { isAbsolute, normalize, relative, sep } from 'node:path';
import type { DashboardSource } from '../config/model.ts';

/** How an entry, or a file of its folder, is called: the path from monitor.yml, with slashes. */
export const sourceName = (source: DashboardSource, base: string): string => {
  if (typeof source !== 'string') return publishedName(source);
  const path = isAbsolute(source) ? relative(base, source) : normalize(source);
  const inside = path.startsWith('..') && isAbsolute(source) ? source : path;
  return inside.split(sep).join('/').replace(/\/$/, '');
};

const publishedName = ({ grafana_com, revision }: Exclude<DashboardSource, string>): string =>
  `grafana.com ${grafana_com}${revision === undefined ? '' : ` revision ${revision}`}`;
