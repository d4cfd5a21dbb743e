import { type Clash, clashesOf } from './clashes-of.ts';
import type { MonitorConfig } from './model.ts';
import { SERVERS } from './servers.ts';
import { quoted } from './words.ts';

/** Conflicts among the exporters, and with other parts of monitor.yml. */
export function exporterClashes(config: MonitorConfig): Clash[] {
  return [...twice(config), ...sameContainers(config), ...sameJobs(config)];
}

function twice({ exporters }: MonitorConfig): Clash[] {
  return clashesOf(
    exporters,
    (e) => `${e.name} ${e.for ?? ''}`,
    () => true,
  ).map(([i, first]) => ({
    path: ['exporters', i],
    with: ['exporters', first],
    message: (other) => {
      const { name, for: server } = exporters[i] ?? {};
      return `duplicate exporter ${name}${server === undefined ? '' : ` for ${server}`} (also on ${other}): remove one of them`;
    },
  }));
}

function sameContainers({ exporters, ...config }: MonitorConfig): Clash[] {
  const among = clashesOf(
    exporters,
    (e) => e.container,
    (a, b) => a.name !== b.name || a.for !== b.for,
  ).map(
    ([i, first]): Clash => ({
      path: ['exporters', i, 'container'],
      with: ['exporters', first, 'container'],
      message: (other) => `${exporters[i]?.container} is already in use by another exporter (${other})`,
    }),
  );
  const withServices = exporters.flatMap(({ container }, i): Clash[] =>
    SERVERS.filter((server) => config[server].container === container).map((server) => ({
      path: ['exporters', i, 'container'],
      with: [server, 'container'],
      message: (other) => `${container} is already in use by \`${server}.container\` (${other})`,
    })),
  );
  return [...among, ...withServices];
}

/** Jobs of targets and exporters merge; those of `scrape_configs` are passed through, and cannot be merged with. */
function sameJobs({ exporters, scrape_configs: passed }: MonitorConfig): Clash[] {
  return passed.flatMap(({ job_name }, i): Clash[] => {
    const exporter = exporters.findIndex((e) => e.job_name === job_name);
    if (exporter < 0) return [];
    const message = (other: string) =>
      `an exporter and an entry of \`scrape_configs\` have the same job ${quoted(job_name)} (see ${other}): choose another \`job_name\` for one of them`;
    return [{ path: ['scrape_configs', i, 'job_name'], with: ['exporters', exporter, 'job_name'], message }];
  });
}
