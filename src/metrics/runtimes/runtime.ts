/** What a process or a runtime is asked for, whatever language it is written in. */
export type Sign = 'cpu' | 'memory' | 'heap' | 'files' | 'fileLimit' | 'concurrency' | 'lag' | 'gc' | 'started';

/** A metric that says it. */
export interface SignMetric {
  sign: Sign;
  /** The stored name; several: as versions and exporters write it, first one that is there. */
  metrics: readonly string[];
  /** What it counts, for the legend; absent: the sign says it. */
  of?: string;
  /** It grows, and its rate is what is asked for. */
  rate?: true;
  where?: readonly [label: string, value: string];
  /** Several series of it make one: memory by pool, time by mode. */
  sum?: true;
  /** To seconds and bytes. */
  divide?: number;
}

export interface Runtime {
  name: string;
  sources: readonly string[];
  /** The families that are the runtime's own, and no service's. */
  families: RegExp;
  signs: readonly SignMetric[];
}
