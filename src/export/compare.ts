import type { ActiveTarget } from '../prometheus/client.ts';

/** A target of the stack beside the one that the exported configuration makes of it. */
export interface ComparedTarget {
  verdict: 'same' | 'differs' | 'missing';
  job: string;
  instance: string;
  url: string;
  exportedUrl?: string;
  differences: string[];
  /** Why it is the same although its address is another. */
  remark?: string;
}

/** How a target of the stack is known again among the exported ones. */
export interface Likeness {
  /** The Pod that a container became. */
  podOf: ReadonlyMap<string, string>;
  /** Jobs in whose place a cluster has something of its own, on each node, and what that is. */
  machineJobs: ReadonlyMap<string, string>;
}

/** Target by target: job, path, scheme and the labels that its series carry. Pure. */
export const compareTargets = (
  stack: readonly ActiveTarget[],
  exported: readonly ActiveTarget[],
  likeness: Likeness,
): ComparedTarget[] => {
  const left = new Set(exported);
  return stack.map((target) => {
    const { job, instance, scrapeUrl: url } = target;
    const found = [...left].find((other) => isCounterpart(target, other, likeness));
    if (found === undefined) return { verdict: 'missing', job, instance, url, differences: [] };
    left.delete(found);
    const remark = likeness.machineJobs.get(job);
    const differences = differencesOf(target, found, remark !== undefined);
    const verdict = differences.length === 0 ? 'same' : 'differs';
    return { verdict, job, instance, url, exportedUrl: found.scrapeUrl, differences, remark };
  });
};

const isCounterpart = (target: ActiveTarget, other: ActiveTarget, { podOf, machineJobs }: Likeness): boolean => {
  const pod = podOf.get(target.labels['container'] ?? '');
  const [url, otherUrl] = [new URL(target.scrapeUrl), new URL(other.scrapeUrl)];
  if (pod !== undefined) return other.labels['pod'] === pod && portOf(url) === portOf(otherUrl);
  if (target.job !== other.job) return false;
  return machineJobs.has(target.job) || (target.instance === other.instance && url.pathname === otherUrl.pathname);
};

const portOf = ({ port, protocol }: URL): string => port || (protocol === 'https:' ? '443' : '80');

/** The instance of a Pod is its own address, and is not compared. Of what a cluster has of its own, neither are path and scheme. */
const differencesOf = (target: ActiveTarget, other: ActiveTarget, isOfCluster: boolean): string[] => {
  const [url, otherUrl] = [new URL(target.scrapeUrl), new URL(other.scrapeUrl)];
  const labels = Object.entries(target.labels).filter(([name]) => name !== 'job' && name !== 'instance');
  const places: [what: string, stack: string, exported: string][] = [
    ['path', url.pathname + url.search, otherUrl.pathname + otherUrl.search],
    ['scheme', url.protocol.slice(0, -1), otherUrl.protocol.slice(0, -1)],
  ];
  const pairs: typeof places = [
    ['job', target.job, other.job],
    ...(isOfCluster ? [] : places),
    ...labels.map(([name, value]): [string, string, string] => [`label ${name}`, value, other.labels[name] ?? 'none']),
  ];
  return pairs.filter(([, a, b]) => a !== b).map(([what, a, b]) => `${what}: ${a}, exported: ${b}`);
};
