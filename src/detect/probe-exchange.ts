import { constants, gunzipSync } from 'node:zlib';
import { MonitorError } from '../errors.ts';
import { dialectOf } from './dialect.ts';
import { type Response, readResponse } from './http-response.ts';
import { splitAddress } from './place.ts';
import type { ScrapeTarget } from './types.ts';

/** What is asked: an endpoint as Prometheus would dial it. */
export type Endpoint = Pick<ScrapeTarget, 'address' | 'scheme' | 'metrics_path'>;

/** What a GET from inside a container brought back. */
export interface ProbeAnswer {
  /** What was asked, where that was seen. */
  url?: string;
  /** Absent where no HTTP answer came. */
  status?: number;
  contentType?: string;
  /** Absent too where the body was unpacked. */
  contentEncoding?: string;
  /** The header WWW-Authenticate. */
  authenticate?: string;
  body: Buffer;
  /** The body was longer than what is read at most. */
  truncated: boolean;
  error?: ProbeError;
  /** The URL of what gave this answer, where the one that was asked for redirects there. */
  redirectedTo?: string;
  /** What the same endpoint answers to `Host: localhost`, where it was asked a second time. */
  asLocalhost?: ProbeAnswer;
  /** How many seconds were waited, where that is why there is no answer. */
  waited?: number;
  /** How long the answer took, where that was seen. */
  seconds?: number;
  /** The words of whatever failed; of a redirect, its Location. */
  detail?: string;
}

/** Why there is no answer; for a person, without a subject. */
export const ERROR_REASONS = {
  'no-such-host': 'its name does not resolve',
  refused: 'refuses the connection: nothing listens on that port, or only on 127.0.0.1',
  timeout: 'does not answer',
  unreachable: 'cannot be reached over the network',
  reset: 'closes the connection without an answer',
  'redirect-loop': 'redirects without end',
  tls: 'speaks TLS, and was asked in plain HTTP',
  http2: 'speaks HTTP/2 only, as gRPC does; without TLS, Prometheus speaks HTTP/1.1',
  'bad-headers': 'answers with headers that Prometheus refuses',
  'not-http': 'does not speak HTTP',
  other: 'gave no answer',
};

export type ProbeError = keyof typeof ERROR_REASONS;

/** Bytes of an answer that are read. */
export const MAX_PROBE_BYTES = 1024 * 1024;

/** One request to one endpoint, as it goes over the wire. */
export interface Question {
  endpoint: Endpoint;
  request: string;
}

/** What came over a connection until it ended or was ended. */
export interface Heard {
  bytes: Buffer;
  /** Of `nc`, or as if it were. */
  code: number;
  /** What `nc` says went wrong; empty: nothing. */
  words: string;
  /** TLS failed, and why. */
  tls?: string;
  /** From the request to the last byte; absent where that was not seen. */
  seconds?: number;
}

/**
 * A scrape as that version of Prometheus sends it, but for `Connection: close`: the end of the connection is the end of the
 * answer. Source: targetScraper.scrape in scrape/scrape.go; 10 s is the default `scrape_timeout`.
 */
export const requestFor = ({ address, metrics_path }: Endpoint, version?: string, host = address): string => {
  const dialect = dialectOf(version);
  return [
    // As Go's net/url writes the path that Prometheus is given: a percent sign is one, not the start of an escape.
    `GET ${metrics_path.includes('?') ? metrics_path : encodeURI(metrics_path)} HTTP/1.1`,
    `Host: ${host}`,
    `User-Agent: Prometheus/${dialect.version}`,
    `Accept: ${dialect.accept}`,
    'Accept-Encoding: gzip',
    'X-Prometheus-Scrape-Timeout-Seconds: 10',
    'Connection: close',
    '',
    '',
  ].join('\r\n');
};

/** How HTTP/2 begins, and an empty SETTINGS frame: RFC 9113, section 3.4. */
export const HTTP2_PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0';

/** Of `host:port`, as `nc` takes them: IPv6 has no brackets. */
export const hostAndPort = (address: string): [host: string, port: string] => {
  const { host, port } = splitAddress(address);
  return [host.replace(/^\[|\]$/g, ''), port];
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

/** The answer in what was heard, or why there is none. Pure. */
export const interpret = (endpoint: Endpoint, heard: Heard): ProbeAnswer => {
  const { bytes, code, words, tls, seconds } = heard;
  const url = urlOf(endpoint);
  const isFull = bytes.length >= MAX_PROBE_BYTES;
  const none = { url, body: bytes.subarray(0, 300), truncated: isFull };
  if (tls !== undefined) return { ...none, error: 'tls', detail: tls };
  const response = readResponse(bytes);
  if (response === undefined) return { ...none, error: failureOf(heard), detail: words || undefined };
  if ('problem' in response) return { ...none, error: 'bad-headers', detail: response.problem };
  const { headers, status, isWhole } = response;
  const isEndless = code === TIMED_OUT && !isFull && isWhole !== true;
  // Prometheus takes a whole body only: "unexpected EOF". Of other statuses the status says enough.
  const isCutShort = code !== TIMED_OUT && !isFull && isWhole === false && status === 200;
  const truncated = isFull || isEndless;
  return {
    url,
    status,
    contentType: headers.get('content-type')?.[0],
    authenticate: headers.get('www-authenticate')?.[0],
    ...bodyOf(response, truncated),
    truncated,
    error: isEndless ? 'timeout' : isCutShort ? 'reset' : undefined,
    seconds,
    detail: headers.get('location')?.[0],
  };
};

/** The most that a compressed answer may grow to, in bytes; one that grows beyond it is left packed. */
const MAX_UNPACKED_BYTES = 16 * MAX_PROBE_BYTES;

/** Only where the header says just `gzip` does Prometheus unpack; other bodies it reads as they are. */
const bodyOf = ({ headers, body }: Response, isPart: boolean): Pick<ProbeAnswer, 'body' | 'contentEncoding'> => {
  const contentEncoding = headers.get('content-encoding')?.[0];
  if (contentEncoding !== 'gzip') return { contentEncoding, body };
  const finishFlush = isPart ? constants.Z_SYNC_FLUSH : constants.Z_FINISH;
  try {
    return { body: gunzipSync(body, { maxOutputLength: MAX_UNPACKED_BYTES, finishFlush }) };
  } catch {
    return { contentEncoding, body };
  }
};

/** A frame of type SETTINGS on stream 0, which every HTTP/2 server begins with: RFC 9113, section 3.4. */
const isHttp2 = (bytes: Buffer): boolean =>
  bytes.length >= 9 && bytes[0] === 0 && bytes[3] === 4 && bytes.readUInt32BE(5) === 0;

const failureOf = ({ bytes, code, words }: Heard): ProbeError => {
  if (/bad address|resolve/i.test(words)) return 'no-such-host';
  if (/refused/i.test(words)) return 'refused';
  if (isHttp2(bytes)) return 'http2';
  if (/reset/i.test(words)) return 'reset';
  if (/timed out/i.test(words)) return 'timeout';
  if (/unreachable|no route/i.test(words)) return 'unreachable';
  // A TLS server answers plain text with an alert record: RFC 8446, section 5.1.
  if (bytes[0] === 0x15 && bytes[1] === 0x03) return 'tls';
  if (bytes.length > 0) return 'not-http';
  return code === TIMED_OUT ? 'timeout' : 'reset';
};
