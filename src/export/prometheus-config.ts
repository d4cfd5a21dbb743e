import type { ScrapeConfig } from '../config/model.ts';
import { splitAddress } from '../detect/place.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import { fallbackOf, scrapeConfigsOf } from '../prometheus/render.ts';
import { blockText, libraryText } from '../prometheus/yaml-text.ts';
import { cadvisorDiscovery, freeJob, nodeDiscovery, type OwnJob, podDiscovery } from './discovery.ts';
import { when } from './lists.ts';
import { type Finding, HEADER } from './model.ts';
import type { Scope } from './objects.ts';
import { passThrough, writtenSecrets } from './passthrough.ts';
import { isThisMachine, passedFindings, serviceFinding, thisMachine } from './places.ts';
import type { ExportedExporter, ExportInput } from './stack-input.ts';

/** How a cluster's Prometheus finds what is not of the stack. */
export type Discovery = 'annotations' | 'operator';

export interface ClusterScrapes {
  /** In plain data. */
  own: OwnJob[];
  /** As monitor.yml has them, but for files and secrets. */
  passed: ScrapeConfig[];
  files: Record<string, string>;
  findings: Finding[];
}

/** Exporters in whose place a cluster has something of its own. */
export const isOfMachine = ({ config }: ExportedExporter): boolean =>
  config.name === 'node' || config.name === 'cadvisor';

/**
 * The stack's own jobs, then discovery, then what monitor.yml passes through. With the operator, what has a monitor is
 * left to that. Pure.
 */
export const clusterScrapes = (
  input: ExportInput,
  scope: Scope,
  discovery: Discovery,
  filesFolder: string,
): ClusterScrapes => {
  const { config, exporters } = input;
  const known = new Set([...exporters.map((e) => e.service), scope.name('prometheus'), scope.name('grafana')]);
  const findings: Finding[] = [];
  const named = input.targets.filter((t) => t.origin === 'config' && !isThisMachine(t.address));
  for (const { origin, address, instance, job } of input.targets) {
    if (origin !== 'config') continue;
    if (isThisMachine(address)) findings.push(thisMachine(instance, job, false));
    else findings.push(...serviceFinding(address, `job ${job}`, scope.namespace, known));
  }
  const own = input.targets.filter((t) => t.origin === 'stack').map((target) => inCluster(target, scope));
  const served = exporters.filter((e) => !isOfMachine(e)).map(({ service, target }) => atService(target, service));
  const written = discovery === 'operator' ? named : [...own, ...named, ...served];
  const statics = scrapeConfigsOf(written, config.scrape_interval);
  const place = { folder: filesFolder, has: IN_EVERY_POD, hasDocker: false };
  const passed = passThrough(config.scrape_configs, input.files, place);
  findings.push(...passed.findings, ...passedFindings(passed.configs, scope.namespace, known));
  // The operator has them in a Secret.
  if (discovery === 'annotations') findings.push(...passed.configs.flatMap(writtenSecrets));
  const taken = [...statics, ...config.scrape_configs].map((c) => c.job_name);
  const isWritten = ({ config: { name } }: ExportedExporter): boolean =>
    name === 'cadvisor' || (name === 'node' && discovery === 'annotations');
  const machine = exporters.filter(isWritten).map(({ config: { name, job_name } }) => {
    const found = name === 'cadvisor' ? cadvisorDiscovery(job_name) : nodeDiscovery(job_name, name, scope);
    return withFreeName(found, taken);
  });
  const fallback = fallbackOf(input.workloads.flatMap((w) => w.endpoints));
  const pods = podDiscovery([...taken, ...machine.map((c) => c.job_name)], fallback);
  const { configs, files } = passed;
  return {
    own: [...statics, ...machine, ...when(discovery === 'annotations', pods)],
    passed: configs,
    files,
    findings,
  };
};

/** With a service account. */
const IN_EVERY_POD = /^\/(var\/)?run\/secrets\/kubernetes\.io\//;

/** The stack's Grafana is called after it; Prometheus is itself wherever it runs. */
const inCluster = (target: ScrapeTarget, scope: Scope): ScrapeTarget =>
  target.job === 'grafana' ? atService(target, scope.name('grafana')) : target;

const atService = (target: ScrapeTarget, service: string): ScrapeTarget => ({
  ...target,
  address: `${service}:${splitAddress(target.address).port}`,
});

/** A job that has static targets too cannot be written twice: the other one is renamed back on its series. */
const withFreeName = (config: OwnJob, taken: readonly string[]): OwnJob => {
  const { job_name, relabel_configs } = config;
  const free = freeJob(job_name, taken);
  if (free === job_name) return config;
  const steps = Array.isArray(relabel_configs) ? relabel_configs : [];
  const renamed = { target_label: 'job', replacement: literal(job_name) };
  return { ...config, job_name: free, relabel_configs: [...steps, renamed] };
};

/** Text that stands for itself where relabelling expands groups. */
export const literal = (text: string): string => text.replaceAll('$', '$$$$');

type Jobs = Pick<ClusterScrapes, 'own' | 'passed'>;

export const prometheusYml = (scrape_interval: string, jobs: Jobs): string =>
  `${HEADER}${blockText({ global: { scrape_interval } })}scrape_configs:\n${jobsText(jobs, '  ')}`;

/** Each job as an item of a list. */
export const jobsText = ({ own, passed }: Jobs, indent: string): string =>
  blockText(own, indent) + passed.map((job) => libraryText([job]).replaceAll(/^(?=.)/gm, indent)).join('');
