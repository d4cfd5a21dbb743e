import { type Clash, clashesOf } from './clashes-of.ts';
import type { MonitorConfig } from './model.ts';
import { quoted } from './words.ts';

/** What does not go together with, or among, the exporters. */
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
      return `${name}${server === undefined ? '' : ` for ${server}`} is given twice (${other} too): leave one out`;
    },
  }));
}

function sameContainers({ exporters, prometheus, grafana }: MonitorConfig): Clash[] {
  const among = clashesOf(
    exporters,
    (e) => e.container,
    (a, b) => a.name !== b.name || a.for !== b.for,
  ).map(
    ([i, first]): Clash => ({
      path: ['exporters', i, 'container'],
      with: ['exporters', first, 'container'],
      message: (other) => `is ${exporters[i]?.container}, as is that of another one (${other}): each needs its own`,
    }),
  );
  const withServices = exporters.flatMap(({ container }, i): Clash[] =>
    Object.entries({ prometheus, grafana })
      .filter(([, service]) => service.container === container)
      .map(([service]) => ({
        path: ['exporters', i, 'container'],
        with: [service, 'container'],
        message: (other) => `is ${container}, as is \`${service}.container\` (${other}): each needs its own`,
      })),
  );
  return [...among, ...withServices];
}

/** Jobs of targets and exporters merge; a passed-through one is not ours to merge with. */
function sameJobs({ exporters, scrape_configs: passed }: MonitorConfig): Clash[] {
  return passed.flatMap(({ job_name }, i): Clash[] => {
    const exporter = exporters.findIndex((e) => e.job_name === job_name);
    if (exporter < 0) return [];
    const message = (other: string) =>
      `${quoted(job_name)} is the job of an exporter (${other}): give one of them another \`job_name\``;
    return [{ path: ['scrape_configs', i, 'job_name'], with: ['exporters', exporter, 'job_name'], message }];
  });
}
