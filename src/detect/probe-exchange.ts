import { constants, gunzipSync } from 'node:zlib';
import { MonitorError } from '../errors.ts';
import { endIsTold, parseRawResponse } from './raw-response.ts';

/** What is asked: an endpoint as Prometheus would dial it. */
export interface Endpoint {
  /** `host:port` */
  address: string;
  scheme: 'http' | 'https';
  metrics_path: string;
}

/** What a GET from inside the Prometheus container brought back. */
export interface ProbeAnswer {
  url: string;
  /** Absent where no HTTP answer came. */
  status?: number;
  contentType?: string;
  contentEncoding?: string;
  body: string;
  /** The body was longer than what is read at most. */
  truncated: boolean;
  error?: ProbeError;
  /** The URL of what gave this answer, where the one that was asked for redirects there. */
  redirectedTo?: string;
  /** How many seconds were waited, where that is why there is no answer. */
  waited?: number;
  /** The words of whatever failed. */
  detail?: string;
}

export type ProbeError =
  | 'no-such-host'
  | 'refused'
  | 'timeout'
  | 'unreachable'
  | 'reset'
  | 'redirect-loop'
  | 'tls'
  | 'not-http'
  | 'other';

/** Bytes of an answer that are read. */
export const MAX_PROBE_BYTES = 1024 * 1024;

/** What Prometheus 3 asks for (its ScrapeClassic protocols, in its order of preference, without protobuf). */
const ACCEPT = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.9,*/*;q=0.1';

/** The bytes of the question. */
export const requestFor = (endpoint: Endpoint): string =>
  [
    `GET ${escapedPath(endpoint.metrics_path)} HTTP/1.1`,
    `Host: ${endpoint.address}`,
    'User-Agent: monitor-probe',
    `Accept: ${ACCEPT}`,
    'Connection: close',
    '',
    '',
  ].join('\r\n');

/** As Go's net/url writes the path that Prometheus is given: a percent sign is one, not the start of an escape. */
const escapedPath = (path: string): string => {
  const query = path.indexOf('?');
  return query < 0 ? encodeURI(path) : path;
};

export const urlOf = (endpoint: Endpoint): string => `${endpoint.scheme}://${endpoint.address}${endpoint.metrics_path}`;

export const noShell = (container: string, words: string): MonitorError =>
  new MonitorError({
    code: 'no-shell',
    message: `Endpoints cannot be asked from inside container ${container}: its image has no shell`,
    detail: words.trim() === '' ? [] : [words.trim().slice(0, 300)],
    suggestion: 'use an image with a shell in monitor.yml (the default, or a tag that ends in -busybox)',
  });

/** The exit code of `nc` where it had to be ended (128 + SIGTERM). */
export const TIMED_OUT = 143;

/** The answer in a connection's bytes (`raw`: one character for each), or why there is none. */
export const interpret = (endpoint: Endpoint, raw: string, code: number, words: string): ProbeAnswer => {
  const url = urlOf(endpoint);
  const truncated = raw.length >= MAX_PROBE_BYTES;
  const response = parseRawResponse(raw);
  if (response === undefined) {
    return {
      url,
      body: raw.slice(0, 300),
      truncated,
      error: failureOf(raw, code, words),
      ...(words ? { detail: words } : {}),
    };
  }
  const { 'content-type': contentType, 'content-encoding': contentEncoding } = response.headers;
  const endless = code === TIMED_OUT && !truncated && !response.complete;
  // Prometheus takes a whole body only: "unexpected EOF". Of other statuses the status says enough.
  const cutShort =
    code !== TIMED_OUT && !truncated && response.status === 200 && endIsTold(response) && !response.complete;
  const unpacked = contentEncoding?.toLowerCase() === 'gzip' ? unpack(response.body) : undefined;
  return {
    url,
    status: response.status,
    ...(contentType === undefined ? {} : { contentType }),
    ...(contentEncoding === undefined || unpacked !== undefined ? {} : { contentEncoding }),
    body: (unpacked ?? response.body).toString('utf8'),
    truncated: truncated || endless,
    ...(endless ? { error: 'timeout' as const } : {}),
    ...(cutShort ? { error: 'reset' as const } : {}),
    ...(response.headers['location'] === undefined ? {} : { detail: response.headers['location'] }),
  };
};

/** The most that a compressed answer may grow to, in bytes; one that grows beyond it is left packed. */
const MAX_UNPACKED_BYTES = 16 * MAX_PROBE_BYTES;

/** What Prometheus, which asks for gzip, makes of a body in gzip; as far as it goes where it was cut off. */
const unpack = (body: Buffer): Buffer | undefined => {
  try {
    return gunzipSync(body, { maxOutputLength: MAX_UNPACKED_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
};

const failureOf = (raw: string, code: number, words: string): ProbeError => {
  if (/bad address|resolve/i.test(words)) return 'no-such-host';
  if (/refused/i.test(words)) return 'refused';
  if (/reset/i.test(words)) return 'reset';
  if (/timed out/i.test(words)) return 'timeout';
  if (/unreachable|no route/i.test(words)) return 'unreachable';
  // A TLS server answers plain text with an alert record: RFC 8446, section 5.1.
  if (raw.startsWith('\x15\x03')) return 'tls';
  if (raw !== '') return 'not-http';
  return code === TIMED_OUT ? 'timeout' : 'reset';
};
