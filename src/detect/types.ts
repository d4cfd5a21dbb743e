import type { Container } from '../docker/engine.ts';

/** An endpoint that Prometheus is told to scrape. */
export interface ScrapeTarget {
  job: string;
  /** `host:port` as Prometheus dials it from inside its container. */
  address: string;
  /** The `instance` label: a name that outlives restarts and new addresses. */
  instance: string;
  metrics_path: string;
  scheme: 'http' | 'https';
  /** A Prometheus duration; absent: the stack's. */
  scrape_interval?: string;
  /** The same, and never longer than `scrape_interval`; absent: Prometheus's default, 10 s or the interval. */
  scrape_timeout?: string;
  /** Added to each of its series. */
  labels: Record<string, string>;
  /** A good body under a Content-Type that Prometheus 3 refuses: taken as this instead. */
  fallback_scrape_protocol?: string;
  /** The network that Prometheus has to be on to reach it; absent where the stack's own or the host's will do. */
  network?: string;
  /** Which container serves it, where that is known. */
  containerId?: string;
  origin: 'stack' | 'config' | 'exporter' | 'detected';
}

/** How an endpoint is scraped, as far as the labels of its container can say it. */
export type ScrapeSettings = Pick<
  ScrapeTarget,
  'job' | 'metrics_path' | 'scheme' | 'scrape_interval' | 'scrape_timeout'
>;

/** An endpoint of a running container that may serve metrics, before anyone asked it. */
export interface Candidate extends ScrapeSettings {
  container: Container;
  port: number;
  /** What made it a candidate. */
  source: 'label' | 'image' | 'port';
  /** For a person: `label prometheus.io/port`, `image postgres-exporter`, `exposes 9100`. */
  reason: string;
}

/** A container, or a port of it, that is not asked, and why. */
export interface Skipped {
  container: Container;
  port?: number;
  /** Stable, kebab-case: `opted-out`, `no-port`, `not-metrics-port`, ... */
  code: string;
  /** For a person. */
  reason: string;
}

/** A label that cannot be meant. */
export interface LabelProblem {
  label: string;
  problem: string;
}

export interface LabelWarning extends LabelProblem {
  container: Container;
  /** The same with the container and the label, for a person. */
  message: string;
}

export interface Recognized {
  candidates: Candidate[];
  skipped: Skipped[];
  warnings: LabelWarning[];
}
