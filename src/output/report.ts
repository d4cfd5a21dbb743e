import type { KeyChange } from '../config/edit.ts';
import type { Server } from '../config/servers.ts';
import type { CheckedPanel } from '../dashboards/check/check.ts';
import type { DetectedRow } from '../detect/assemble.ts';
import type { ComparedTarget } from '../export/compare.ts';
import type { Finding } from '../export/model.ts';
import type { DashboardState, Problem } from '../grafana/dashboard-model.ts';
import type { MetricFamily } from '../metrics/family.ts';
import type { Sample, Series } from '../prometheus/answers.ts';
import type { OperationRow } from '../stack/operations.ts';
import type { StackUrls } from '../stack/urls.ts';

/** What commands return, by its kind. With `--json` these are printed as they stand, so their fields are an interface. */
export interface Reports {
  init: {
    stack: string;
    config: string;
    files: string[];
    /** Those that were there, and are as they were. */
    kept: string[];
    ports: Record<Server, number>;
    notices: string[];
    /** Endpoints that `up` will ask for metrics. */
    found: DetectedRow[];
  };
  plan: {
    stack: string;
    operations: OperationRow[];
    targets: TargetChange[];
    notices: string[];
    problems: readonly Problem[];
  };
  up: UpReport;
  restart: UpReport;
  down: { stack: string; removed: string[]; kept: string[]; notices: string[] };
  status: {
    stack: string;
    running: boolean;
    containers: { role: string; name: string; state: string; image: string }[];
    urls: StackUrls;
    networks: { name: string; ours: boolean }[];
    volumes: { name: string; ours: boolean; exists: boolean }[];
    targets: TargetRow[];
    /** The time by Prometheus's clock, where that differs from this machine's; RFC 3339. */
    now?: string;
    notices: string[];
  };
  password: { user: string; password: string; source: string; reset: boolean; notices: string[] };
  open: { url: string; opened: boolean };
  logs: {
    stack: string;
    /** Whose lines these are; some may have none. */
    containers: string[];
    lines: LogLine[];
  };
  render: { text: string; notices: string[] };
  detect: {
    stack: string;
    /** `detect.enabled` in monitor.yml. */
    enabled: boolean;
    /** Whether the endpoints were asked from where Prometheus stands; before it runs they are not. */
    asked: boolean;
    rows: DetectedRow[];
    warnings: string[];
    /** Servers without metrics, and what would give them some. */
    suggestions: { container: string; server: string; message: string; command: string }[];
    /** About containers from which a user may expect metrics, and which have none. */
    hint?: string;
  };
  explain: {
    stack: string;
    up: number;
    explained: ExplainedRow[];
  };
  'add-target': TargetReport;
  'remove-target': TargetReport;
  'add-exporter': ExporterReport;
  'remove-exporter': ExporterReport;
  query: {
    /** As it was given: PromQL, or the name of a metric. */
    asked: string;
    /** PromQL as it was sent; for some metrics there are several. */
    expressions: string[];
    /** Of the values: Grafana's id, such as `bytes` or `percentunit`; empty where it is not known. */
    unit: string;
    /** In seconds, Unix time; absent where one time was asked for. */
    range?: { start: number; end: number; step: number };
    series: QuerySeries[];
    /** Prometheus's own, as `infos` are; `notes` are about the metric. */
    warnings: string[];
    infos: string[];
    notes: string[];
    csv?: true;
  };
  metrics: {
    job?: string;
    search?: string;
    jobs: { job: string; metrics: MetricRow[] }[];
  };
  dashboards: {
    stack: string;
    dashboards: DashboardRow[];
    problems: readonly Problem[];
    notices: string[];
  };
  'dashboards-pull': {
    /** `added`: the file is new in monitor.yml. */
    pulled: { uid: string; title: string; file: string; added: boolean }[];
    problems: Problem[];
  };
  'dashboards-check': {
    dashboards: CheckedDashboard[];
    notices: string[];
  };
  'dashboards-add': DashboardSourceReport;
  'dashboards-remove': DashboardSourceReport;
  export: {
    to: 'kubernetes' | 'compose';
    stack: string;
    /** All of it, where no folder was named. */
    text?: string;
    /** The folder that was named, what was written into it, and what else is in it. */
    out?: string;
    files: string[];
    others: string[];
    findings: Finding[];
    verified?: ComparedTarget[];
    notices: string[];
    /** The command that uses what was written. */
    next?: string;
  };
  written: { paths: string[] };
  /** Text for another program, such as a completion script. */
  text: { text: string };
  /** The end of a command whose results came one by one. */
  stream: object;
}

export type ReportOf<K extends keyof Reports> = { [Kind in K]: { kind: Kind } & Reports[Kind] }[K];
export type Report = ReportOf<keyof Reports>;

/** What became of an edit of monitor.yml. */
export interface EditOutcome {
  config: string;
  /** Whether a running stack took the change over. */
  applied: boolean;
  operations: OperationRow[];
  notices: string[];
}

export interface EditReport extends EditOutcome {
  change: 'added' | 'updated' | 'unchanged' | 'removed' | 'absent';
}

/** Why something is as it is. */
export interface Explanation {
  /** Stable, kebab-case. */
  code: string;
  /** For a person; reads after "ADDRESS is down: ". */
  cause: string;
  /** Absent where there is nothing to do. */
  remedy?: string;
}

/** What an endpoint answered. */
export interface Answer {
  ok: boolean;
  metrics?: number;
  samples?: number;
  /** Seconds. */
  duration?: number;
  code?: string;
  reason?: string;
  remedy?: string;
}

/** A target as Prometheus sees it; explained where it is down, or up without telling anything. */
export interface TargetRow extends Partial<Explanation> {
  job: string;
  instance: string;
  /** What Prometheus dials; empty for a job's `(file_sd_configs)` that finds no targets. */
  url: string;
  /** `pending`: Prometheus has not scraped it yet. `none`: a job of `scrape_configs` that finds no targets there. */
  health: 'up' | 'down' | 'pending' | 'none';
  /** RFC 3339. */
  lastScrape?: string;
  /** Of the last scrape; seconds. */
  duration?: number;
  /** Of the last scrape. */
  samples?: number;
  /** Of a pending one: a Prometheus duration within which it is scraped first. */
  firstScrapeWithin?: string;
  /** What a pending one answered when it was asked; absent where it was not. */
  answer?: Answer;
  error?: string;
}

/** A target that Prometheus does not scrape yet and will, or that it scrapes and will not. */
export interface TargetChange {
  change: 'add' | 'remove';
  job: string;
  instance: string;
  metrics_path: string;
}

interface UpReport {
  stack: string;
  restarted?: Server[];
  changed: boolean;
  operations: OperationRow[];
  urls: StackUrls;
  datasource: { name: string; ok: boolean; message: string };
  targets: TargetRow[];
  /** `--wait` was given: each target was scraped, or the time is over. */
  waited?: boolean;
  /** The time by Prometheus's clock, where that differs from this machine's; RFC 3339. */
  now?: string;
  notices: string[];
  /** Dashboards that cannot be written; the rest is done. */
  problems: readonly Problem[];
}

interface TargetReport extends EditReport {
  address: string;
  job?: string;
  changes?: KeyChange[];
  /** What the endpoint answered; absent where it was not asked. */
  answer?: Answer;
}

interface ExporterReport extends EditReport {
  exporter: string;
  /** The container of its server. */
  for?: string;
  /** Its own container. */
  container?: string;
  job?: string;
  instance?: string;
  /** Where its credentials are kept on this machine. */
  secrets?: string;
  /** What it answered when it was asked from inside Prometheus; absent where it was not. */
  answer?: ExporterAnswer;
}

export interface ExporterAnswer extends Answer {
  /** Whether it reads its server; absent where its metrics do not say. */
  server?: 'up' | 'down';
  /** The last line of its log that tells of a failure, or its last one. */
  log?: string;
}

export interface LogLine {
  /** `prometheus`, `grafana` or `exporter`. */
  service: string;
  container: string;
  /** Where it comes as it is written. */
  stream?: 'stdout' | 'stderr';
  line: string;
}

export interface CheckedDashboard {
  /** Absent for one that was read from a file. */
  uid?: string;
  title: string;
  file?: string;
  panels: CheckedPanel[];
}

export interface QuerySeries extends Pick<Series, 'labels' | 'histograms'> {
  /** What tells it from the others. */
  name: string;
  values: readonly Sample[];
}

export interface MetricRow extends Pick<MetricFamily, 'name' | 'type' | 'help' | 'series'> {
  /** Of its values: Grafana's id; empty where it is not known. */
  unit: string;
  /** Those with most values first. */
  labels: { name: string; values: number }[];
  /** The value, and where there are several series the least and the greatest; absent for histograms and summaries. */
  last?: { min: number; max: number };
}

/** `url`: as a browser opens it. */
export interface DashboardRow extends DashboardState {
  /** Absent where they were not asked. */
  panels?: { withData: number; empty: number };
}

interface DashboardSourceReport extends EditReport {
  source: string;
  problems: readonly Problem[];
}

/** A target, or a container that is not one. */
export interface ExplainedRow extends Explanation {
  /** The instance, the container's name, or the job that finds no targets. */
  target: string;
  job?: string;
  /** The key of that job's entry with which it looks for targets: `file_sd_configs`. */
  source?: string;
  url?: string;
  container?: string;
  /** `missing`: Prometheus does not have it as a target. `none`: a job that finds no targets there. */
  health: 'up' | 'down' | 'pending' | 'missing' | 'none';
  /** Prometheus's own words on the last scrape. */
  error?: string;
}
