import type { ScrapeConfig } from '../config/model.ts';
import type { Verdict } from '../detect/classify.ts';
import type { Duplicate } from '../detect/exposition-tally.ts';
import type { NetworkAlias } from '../detect/place.ts';
import type { Endpoint } from '../detect/probe-exchange.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { Container, ContainerPort, ContainerState } from '../docker/engine.ts';
import type { Finding } from './finding.ts';
import type { Listener } from './listeners.ts';
import type { Moved } from './moved.ts';

/** A target, or what should be one, before it is looked into. */
export interface Subject {
  job: string;
  instance: string;
  /** What Prometheus dials. */
  endpoint: Endpoint;
  /** Who named it: decides what there is to change. */
  origin: ScrapeTarget['origin'] | 'passthrough';
  /** `pending`: not scraped yet. */
  health: 'up' | 'down' | 'pending';
  /**
   * How far it has come: `found` on a container and refused, named in monitor.yml, in the configuration that Prometheus
   * has, in its list of targets.
   */
  standing: 'found' | 'wanted' | 'loaded' | 'listed';
  /** Prometheus's own words on the last scrape. */
  error?: string;
  /** The container that it leads to, where one is known. */
  container?: Container;
  /** Other containers answer to the same name: a sentence. */
  several?: string;
  /** The address in the loaded configuration is not that container's. */
  moved?: Moved;
  /** What monitor.yml says of it beside its address, path and scheme; `sharesJob`: another target has its job. */
  named?: { scrape_interval?: string; labels: Readonly<Record<string, string>>; sharesJob: boolean };
  /** Of an exporter that answers: why it cannot read its server. */
  unread?: Finding;
  /** The scrape config of a passed-through job, for its limits, files and credentials. */
  scrapeConfig?: ScrapeConfig;
  /** Samples of the last scrape that Prometheus did not keep. */
  lost?: Lost;
  /** Why Prometheus scrapes no target of its job, where that is so. */
  ofJob?: Finding;
}

/** How many samples of one scrape were not kept, and why; a field is absent where that is none. */
export interface Lost {
  /** More than 10 minutes ahead, or older than what Prometheus still takes. */
  outOfBounds?: number;
  /** Older than the last sample of the same series. */
  outOfOrder?: number;
  /** Of the same time as the last sample, with another value. */
  sameTime?: number;
  /** All that it served, dropped by `metric_relabel_configs`. */
  relabelled?: number;
  /** It served none. */
  empty?: true;
}

/** What the engine and a fresh look say of it. All of it plain data, so that what follows from it is a pure question. */
export interface Evidence extends Omit<Subject, 'container'> {
  container?: ContainerEvidence;
  /** How Prometheus gets to the container; absent where that is not known. */
  access?: Access;
  /** What Prometheus's place heard just now; absent where it could not be asked. */
  answer?: Verdict;
  /** Series that the fresh answer has twice. */
  duplicates: Duplicate[];
  /** Ports of the container on which something listens; absent where that could not be seen. */
  listeners?: Listener[];
  /** Other ports, paths or schemes of the same host that were asked where there was no answer, with what they said. */
  elsewhere: Elsewhere[];
  /** An address of this machine was named: what is behind it. */
  ownMachine?: OwnMachine;
  /** A newer Prometheus than this one reads the fresh answer. */
  readByNewer?: boolean;
  /** How the scrapes of the last minutes went; absent where that was not asked. */
  recent?: Recent;
  /** Unix ms, by Prometheus's clock. */
  now: number;
  /** Of Prometheus; empty where it is not known. */
  version: string;
  /** Prometheus's container. */
  prometheus: string;
  /** Names that containers have. */
  names: readonly string[];
}

export interface Recent {
  succeeded: number;
  failed: number;
}

export interface Elsewhere {
  endpoint: Endpoint;
  verdict: Verdict;
}

export type Access =
  /** Prometheus is on a network with it, or needs none. */
  | { by: 'shared' }
  /** Prometheus would have to join this network; `refused`: the engine's words, where it does not connect it. */
  | { by: 'joining'; network: string; refused?: string }
  /** It cannot be reached. */
  | { by: 'none'; reason: string };

export interface ContainerEvidence {
  name: string;
  state: ContainerState;
  exitCode: number;
  /** Why it did not start, in the engine's words; else empty. */
  error: string;
  oomKilled: boolean;
  restartCount: number;
  networkMode: string;
  networks: readonly string[];
  /** Its names on each network, beside its own. */
  aliases?: readonly NetworkAlias[];
  ports: readonly ContainerPort[];
  /** Seconds since it was started; absent where it does not run. */
  runningFor?: number;
  /** The last line of its log. */
  lastLine?: string;
}

export interface OwnMachine {
  /** Whether something on this machine takes connections on 127.0.0.1; absent where the engine is on another machine. */
  listens?: boolean;
  /** Containers that have the port, inside or published. */
  containers: { name: string; port: number; published?: string }[];
}
