import { createHash } from 'node:crypto';
import { prefixOf } from './defaults.ts';
import { EXPORTERS, type ExporterName } from './exporter-table.ts';
import type { ExporterConfig } from './model.ts';
import type { WrittenExporter } from './schema.ts';

/** One entry of `exporters`, every default filled in. */
export function fillExporter(written: WrittenExporter, stack: string): ExporterConfig {
  const { name, for: server, port, image, container, job_name, user, database, path, from_env } = written;
  const { image: pinned, serverPort } = EXPORTERS[name];
  return {
    name,
    for: server,
    port: port ?? serverPort,
    image: image ?? pinned,
    container: container ?? defaultContainer(name, server, stack),
    job_name: job_name ?? name,
    user,
    database,
    path,
    from_env: from_env || undefined,
  };
}

/** A label of a DNS name: Prometheus finds the exporter by its container's name. Source: RFC 1035, section 2.3.4. */
const LONGEST_NAME = 63;

/** `shop-db-postgres-exporter`: the stack's prefix, the server, the exporter. */
function defaultContainer(name: ExporterName, server: string | undefined, stack: string): string {
  const own = name === 'cadvisor' ? name : `${name}-exporter`;
  const full = `${prefixOf(stack)}${server === undefined ? '' : `${server}-`}${own}`;
  if (full.length <= LONGEST_NAME) return full;
  const hash = createHash('sha256').update(full).digest('hex').slice(0, 6);
  return `${full.slice(0, LONGEST_NAME - own.length - hash.length - 2)}-${hash}-${own}`;
}
