import type { ScrapeConfig } from '../config/model.ts';
import type { Verdict } from '../detect/classify.ts';
import type { Endpoint } from '../detect/probe-exchange.ts';
import type { ScrapeTarget } from '../detect/types.ts';
import type { Container, ContainerDetail } from '../docker/engine.ts';
import type { Explanation, TargetRow } from '../output/report.ts';

/** Why a target is as it is, and what to change. */
export type Finding = Required<Explanation>;

/** A target, or what should be one, before it is looked into. */
export interface Subject {
  job: string;
  instance: string;
  /** What Prometheus dials. */
  endpoint: Endpoint;
  /** Who named it: decides what there is to change. */
  origin: ScrapeTarget['origin'] | 'passthrough';
  /** `pending`: not scraped yet. */
  health: TargetRow['health'];
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
  /** Of an exporter: why it cannot read its server. */
  unread?: Finding;
  /** The scrape config of a passed-through job, for its limits, files and credentials. */
  scrapeConfig?: ScrapeConfig;
  /** Samples of the last scrape that Prometheus did not keep. */
  lost?: Lost;
  /** Why Prometheus scrapes no target of its job, where that is so. */
  ofJob?: Finding;
}

/** A container that is scraped at an address, and not under a name, and where it is now. */
export interface Moved {
  name: string;
  scraped: string;
  /** How the container is reached now; absent where it does not run, or is gone. */
  now?: string;
  holder?: string;
}

/** How many samples of one scrape were not kept, by what is wrong with them; `empty`: it served none. */
export type Lost = Partial<Record<'outOfBounds' | 'outOfOrder' | 'sameTime' | 'relabelled', number>> & { empty?: true };

/** What the engine and a fresh look say of it. All of it plain data, so that what follows from it is a pure question. */
export interface Evidence extends Subject {
  /** Its container, inspected; absent for a target that is up. */
  inspected?: Inspected;
  /** How Prometheus gets to the container; absent where that is not known. */
  access?: Access;
  /** What a fresh request from Prometheus's place brought: metrics, or why none; neither where it could not be asked. */
  served?: Extract<Verdict, { ok: true }>;
  refusal?: Extract<Verdict, { ok: false }>;
  /** A newer Prometheus than this one reads what was refused. */
  readByNewer?: boolean;
  /** Ports of the container on which something listens; absent where that could not be seen. */
  listeners?: readonly Listener[];
  /** Other ports, paths or schemes of the same host that were asked where there was no answer, with what they said. */
  elsewhere: Elsewhere[];
  /** An address of this machine was named: what is behind it. */
  ownMachine?: OwnMachine;
  /** How many of the scrapes of the last minutes went well, and how many did not; absent where that was not asked. */
  recent?: { succeeded: number; failed: number };
  prometheus: RunningPrometheus;
  /** Unix ms, by Prometheus's clock. */
  now: number;
  names: readonly string[];
}

export interface RunningPrometheus {
  container: string;
  /** Empty where it is not known. */
  version: string;
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
  | { by: 'none'; reason: string };

/** A container as an inspect and the end of its log show it. */
export interface Inspected extends ContainerDetail {
  /** The container whose network it shares, where that was started after it: it is still on the network from before. */
  leftBy?: string;
  /** Seconds since it was started; absent where it does not run. */
  runningFor?: number;
  /** The last line of its log that says something. */
  lastLine?: string;
}

export interface Listener {
  port: number;
  /**
   * `any`: all addresses; `any-ipv6`: all of IPv6, and, unless the program forbids it, of IPv4 too; `loopback`: only from
   * inside; else the one address.
   */
  on: 'any' | 'any-ipv6' | 'loopback' | { address: string };
}

export interface OwnMachine {
  /** Whether something on this machine takes connections on 127.0.0.1; absent where the engine is on another machine. */
  listens?: boolean;
  /** Containers that have the port, inside or published; `isOwn`: a server of the stack. */
  containers: { name: string; port: number; published?: string; isOwn?: boolean }[];
}
