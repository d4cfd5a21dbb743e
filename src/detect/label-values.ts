import { jobNameRule, metricsPathRule, parseDuration } from '../config/values.ts';
import { plural, quoted } from '../words.ts';

/** A label's value as it was meant, or why it, or a part of it, cannot be meant. */
export interface Meaning<T> {
  value?: T;
  problem?: string;
}

/** Ports beyond this many in one label are not read. */
const MOST_PORTS = 32;

const YES = new Set(['true', '1', 'yes', 'y', 'on', 'enabled']);
const NO = new Set(['false', '0', 'no', 'n', 'off', 'disabled']);

/**
 * Without the quotes around it: those in `prometheus.io/port="9100"` of a Compose file's list, or `\\"9100\\"` of a shell, are
 * part of the label's value and never meant.
 */
export const unquoted = (text: string): string => /^\s*(\\?["'])([^"']*)\1\s*$/.exec(text)?.[2] ?? text;

export function readSwitch(text: string): Meaning<boolean> {
  const word = text.trim().toLowerCase();
  if (YES.has(word)) return { value: true };
  if (NO.has(word)) return { value: false };
  return { problem: `${quoted(text.trim())} is neither true nor false` };
}

export interface LabelPort {
  port: number;
  /** Absent: the path label's, or `/metrics`. */
  metrics_path?: string;
}

/** A list of ports with optional paths, `9100,9200/custom/metrics`: every item that can be meant, and what is wrong with the rest. */
export function readPorts(text: string): Meaning<LabelPort[]> {
  const ports = new Map<string, LabelPort>();
  const problems: string[] = [];
  for (const item of text.split(',').map((part) => unquoted(part).trim())) {
    if (item === '') continue;
    const { value, problem } = readPortItem(item);
    if (problem !== undefined) problems.push(problem);
    if (value !== undefined) ports.set(`${value.port}${value.metrics_path ?? ''}`, value);
  }
  const value = [...ports.values()].slice(0, MOST_PORTS);
  const [problem, ...others] = problems;
  if (others.length > 0) return { value, problem: `${problem} (and ${plural(others.length, 'more item')} alike)` };
  if (problem !== undefined) return { value, problem };
  if (ports.size > MOST_PORTS) return { value, problem: `only its first ${MOST_PORTS} ports are read` };
  return ports.size === 0 ? { problem: 'it names no port' } : { value };
}

function readPortItem(item: string): Meaning<LabelPort> {
  const slash = item.indexOf('/');
  const port = Number(/^(\d{1,5})\s*(?:\/|$)/.exec(item)?.[1] ?? 0);
  if (port < 1 || port > 65_535)
    return { problem: `${quoted(item)} is not a port: it must be a number from 1 to 65535` };
  if (slash < 0) return { value: { port } };
  const { value: metrics_path, problem } = readPath(item.slice(slash));
  return problem === undefined ? { value: { port, metrics_path } } : { problem };
}

// NUL would end the argument that carries the path into the Prometheus container; half a surrogate pair is not UTF-8.
const UNSENDABLE = /[\p{Cc}\p{Surrogate}]/u;

/** A path; one without its leading slash gets it, as Kubernetes annotations are often written so. */
export function readPath(text: string): Meaning<string> {
  const trimmed = text.trim();
  if (trimmed.includes('://')) return { problem: `${quoted(trimmed)} is a URL, not a path` };
  const path = trimmed.startsWith('/') ? trimmed : `/${trimmed}`;
  const problem = metricsPathRule(path);
  if (problem !== undefined) return { problem: `the path ${problem}` };
  return UNSENDABLE.test(path) ? { problem: `${quoted(path)} has characters that no path can have` } : { value: path };
}

export function readScheme(text: string): Meaning<'http' | 'https'> {
  const scheme = text.trim().toLowerCase();
  if (scheme === 'http' || scheme === 'https') return { value: scheme };
  return { problem: `${quoted(text.trim())} is not a scheme: it must be http or https` };
}

/** A `job_name`: any text on one line that is valid UTF-8 and of bounded length. */
export function readJob(text: string): Meaning<string> {
  const job = text.trim();
  const problem = jobNameRule(job);
  if (problem !== undefined) return { problem: `the job name ${problem}` };
  return UNSENDABLE.test(job) ? { problem: `the job name ${quoted(job)} is not valid UTF-8` } : { value: job };
}

/** A Prometheus duration longer than 0. */
export function readDuration(text: string): Meaning<string> {
  const duration = text.trim();
  const ms = parseDuration(duration);
  if (ms !== undefined && ms > 0) return { value: duration };
  return { problem: `${quoted(duration)} is not a duration such as 15s or 1m30s` };
}
