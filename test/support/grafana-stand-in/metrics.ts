import type { Profile } from './profile.ts';

/** What the stand-in counts about itself. */
export interface Metrics {
  readonly count: (method: string, status: number) => void;
  /** In the Prometheus text format 0.0.4. */
  readonly render: () => string;
}

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

export function createMetrics(profile: Profile): Metrics {
  const requests = new Map<string, number>();
  return {
    count: (method, status) => {
      const labels = `code="${status}",method="${method.toLowerCase()}"`;
      requests.set(labels, (requests.get(labels) ?? 0) + 1);
    },
    render: () => [buildInfo(profile), requestsTotal(requests), ...processMetrics(), ''].join('\n'),
  };
}

function buildInfo(profile: Profile): string {
  const labels = `stands_in_for="${profile.version}",node="${process.version}"`;
  return family('grafana_stand_in_build_info', 'gauge', 'Which Grafana this stand-in answers for.', [`{${labels}} 1`]);
}

function requestsTotal(requests: ReadonlyMap<string, number>): string {
  const samples = [...requests].map(([labels, count]) => `{${labels}} ${count}`);
  return family('http_requests_total', 'counter', 'Requests answered, by method and status code.', samples);
}

function processMetrics(): string[] {
  const { user, system } = process.cpuUsage();
  const startedAt = Date.now() / 1000 - process.uptime();
  const memory = process.memoryUsage.rss();
  return [
    family('process_cpu_seconds_total', 'counter', 'User and system CPU time.', [` ${(user + system) / 1e6}`]),
    family('process_resident_memory_bytes', 'gauge', 'Resident memory size.', [` ${memory}`]),
    family('process_start_time_seconds', 'gauge', 'Start time since the epoch.', [` ${startedAt.toFixed(3)}`]),
  ];
}

function family(name: string, type: string, help: string, samples: readonly string[]): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map((sample) => name + sample)].join('\n');
}
