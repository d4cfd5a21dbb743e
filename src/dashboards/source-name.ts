import { isAbsolute, normalize, relative, sep } from 'node:path';
import type { DashboardSource } from '../config/model.ts';

/** How an entry, or a file of its folder, is called: the path from monitor.yml, with slashes. */
export const sourceName = (source: DashboardSource, base: string): string => {
  if ('grafanaCom' in source) return publishedName(source);
  const written = source.path;
  const path = isAbsolute(written) ? relative(base, written) : normalize(written);
  const inside = path.startsWith('..') && isAbsolute(written) ? written : path;
  return inside.split(sep).join('/').replace(/\/$/, '');
};

const publishedName = ({ grafanaCom, revision }: { grafanaCom: number; revision?: number }): string =>
  `grafana.com ${grafanaCom}${revision === undefined ? '' : ` revision ${revision}`}`;
