import { brotliDecompressSync, inflateSync } from 'node:zlib';
import { parseJson } from '../json.ts';
import { shorten } from '../words.ts';
import { declaredFormat, parseExposition } from './exposition.ts';
import type { Exposition } from './exposition-reader.ts';
import { ERROR_REASONS, type ProbeAnswer, type ProbeError } from './probe-exchange.ts';

/** What an endpoint's answer makes of it. */
export type Verdict =
  | (Extract<Exposition, { ok: true }> & {
      /** Of the unpacked body, as `body_size_limit` counts them; of what was read where it is truncated. */
      bytes?: number;
      /** There was more of it than what is read at most. */
      truncated?: boolean;
      /** How long the answer took, where that was seen. */
      seconds?: number;
    })
  | {
      ok: false;
      code: RefusalCode;
      reason: string;
      /** Absent where no HTTP answer came. */
      status?: number;
      /** The URL that refused, where the one that was asked for redirects there; the reason has it too. */
      redirectedTo?: string;
    };

/** Why an answer makes no target; stable, what scripts and explanations branch on. */
export type RefusalCode =
  | Exclude<ProbeError, 'other'>
  | 'no-answer'
  | 'unauthorized'
  | 'host-refused'
  | 'not-found'
  | 'http-status'
  | 'compressed'
  | 'html'
  | 'json-string'
  | 'bom'
  | 'not-utf8'
  | 'no-eof'
  | 'empty'
  | 'broken-metrics'
  | 'not-metrics';

/** Decides by an endpoint's answer whether Prometheus of that version, else the newest, can scrape it. Pure; never throws. */
export function classify(answer: ProbeAnswer, { version }: { version?: string } = {}): Verdict {
  const verdict = judge(answer, version);
  const { redirectedTo, status } = answer;
  if (verdict.ok) return verdict;
  if (verdict.code === 'redirect-loop' || redirectedTo === undefined) return { ...verdict, status };
  const reason = `redirects to ${shown(redirectedTo)}, which ${verdict.reason}`;
  return { ...verdict, reason, status, redirectedTo: shown(redirectedTo) };
}

/** A Location is the server's word, and may be long. */
const shown = (url: string): string => shorten(oneLine(url), 120);

function judge(answer: ProbeAnswer, version: string | undefined): Verdict {
  const { status, error, asLocalhost } = answer;
  if (error !== undefined) return refuse(error === 'other' ? 'no-answer' : error, errorReason(error, answer));
  if (status === undefined) return refuse('no-answer', errorReason('other', answer));
  // A scrape is good with 200 alone: scrape/scrape.go, "server returned HTTP status".
  const verdict = status === 200 ? byBody(answer, version) : byStatus(answer, status);
  if (verdict.ok || asLocalhost === undefined || !judge(asLocalhost, version).ok) return verdict;
  return refuse('host-refused', hostReason(answer, status));
}

const refuse = (code: RefusalCode, reason: string): Verdict & { ok: false } => ({ ok: false, code, reason });

/** The setting has many names: ALLOWED_HOSTS, AllowedHosts, config.hosts, server.allowedHosts. */
function hostReason({ url = '' }: ProbeAnswer, status: number): string {
  const name = (URL.canParse(url) && oneLine(new URL(url).hostname)) || 'this name';
  const alias = ', or give its container a network alias without "_", which some servers refuse';
  return `refuses the Host header ${name} (HTTP ${status}) and serves metrics for localhost: add ${name} to the server's allowed hosts${name.includes('_') ? alias : ''}`;
}

const TELLS_MORE: ReadonlySet<ProbeError> = new Set(['other', 'redirect-loop', 'bad-headers']);

/** OpenSSL's words for an answer that is not TLS. */
const NO_TLS = /wrong version number/;

function errorReason(error: ProbeError, { status, detail, waited }: ProbeAnswer): string {
  if (error === 'timeout') {
    const what = status === undefined ? ERROR_REASONS.timeout : 'starts to answer and does not end';
    return `${what} ${waited === undefined ? 'in time' : `within ${waited} s`}`;
  }
  if (error === 'tls' && detail !== undefined)
    return NO_TLS.test(detail)
      ? 'speaks plain HTTP, and was asked over TLS'
      : `fails to speak TLS (${oneLine(detail)})`;
  if (error === 'reset' && status !== undefined) return 'ends its answer before it is whole';
  const words = TELLS_MORE.has(error) ? detail?.trim() : undefined;
  return words ? `${ERROR_REASONS[error]} (${oneLine(words)})` : ERROR_REASONS[error];
}

function byStatus({ body, contentType, authenticate, asLocalhost }: ProbeAnswer, status: number): Verdict {
  const isCertain = authenticate !== undefined || asLocalhost === undefined || asLocalhost.status === status;
  if (status === 407 || ((status === 401 || status === 403) && isCertain))
    return refuse('unauthorized', `asks for credentials (HTTP ${status})`);
  if (status === 404 || status === 410) return refuse('not-found', `has nothing at this path (HTTP ${status})`);
  if (status === 400 && WANTS_TLS.test(startOf(body))) return refuse('tls', ERROR_REASONS.tls);
  // What a client library says of its failure, as text.
  const words = /^text\/plain\b/i.test(contentType ?? '') ? startOf(body).trim() : '';
  const isSaid = words !== '' && !/^[#<]/.test(words) && !CONTROL.test(words);
  return refuse('http-status', `answers with HTTP status ${status}${isSaid ? `: ${oneLine(words)}` : ''}`);
}

/** The answers of Go's net/http ("Client sent an HTTP request to an HTTPS server.") and of nginx to plain HTTP on a TLS port. */
const WANTS_TLS = /HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS port/i;

/** Bytes of a body that tell what it is. */
const SNIFFED = 2000;
const startOf = (body: Uint8Array): string => Buffer.from(body.subarray(0, SNIFFED)).toString('utf8');
/** The first ones, a character for each. */
const magicOf = (body: Uint8Array): string => Buffer.from(body.subarray(0, 4)).toString('latin1');

function byBody(answer: ProbeAnswer, version: string | undefined): Verdict {
  const { body, contentType, contentEncoding, truncated, seconds } = answer;
  if (contentEncoding === 'gzip')
    return refuse('compressed', 'says that its answer is gzip, and it is not, or is too large once unpacked');
  const exposition = parseExposition(body, contentType, { truncated, version });
  if (!exposition.ok) return notMetrics(answer, exposition);
  // Registered metrics without a sample yet are metrics; comments alone may be anything.
  if (exposition.metrics === 0)
    return refuse('empty', body.length === 0 ? 'answers with an empty body' : 'answers without a single metric');
  return { ...exposition, bytes: body.length, seconds, truncated };
}

function notMetrics(answer: ProbeAnswer, { line, reason, kind }: Extract<Exposition, { ok: false }>): Verdict {
  const { body } = answer;
  const packed = compression(answer);
  if (packed !== undefined) return refuse('compressed', packed);
  const start = startOf(body).trimStart();
  if (/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/.test(magicOf(body)))
    return refuse('bom', 'starts with a byte order mark, which Prometheus refuses');
  if (/^<(?:!doctype\s+html|html|head|body|title|h1)\b/i.test(start))
    return refuse('html', 'answers with HTML, not metrics');
  if (start.startsWith('<')) return refuse('not-metrics', 'answers with XML or HTML, not metrics');
  if (isJsonString(answer)) return refuse('json-string', 'answers with its text as one JSON string, in quotes');
  if (/^(?:\{\s*(?:\}|"(?:[^"\\]|\\.)*"\s*:)|\[\s*[[\]{"\d])/.test(start))
    return refuse('not-metrics', 'answers with JSON, not metrics');
  const isBinary = CONTROL.test(start) || (kind === undefined && start.slice(0, -3).includes('\ufffd'));
  if (isBinary) return refuse('not-metrics', 'answers with binary data, not metrics');
  // Comments that only metrics have.
  const isMeant = /^# (?:HELP|TYPE) \S/m.test(start) || declaredFormat(answer.contentType) === 'openmetrics';
  const where = line === undefined ? '' : ` (line ${line})`;
  const unreadable = `answers with something that Prometheus cannot read${where}: ${oneLine(reason)}`;
  return refuse(kind ?? (isMeant ? 'broken-metrics' : 'not-metrics'), unreadable);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these bytes are what makes a body binary
const CONTROL = /[\u0000-\u0008\u000e-\u001f]/;

/** The whole text in quotes, its lines as `\n`: what a framework makes of a string that it is told to send as JSON. */
function isJsonString({ body, truncated }: ProbeAnswer): boolean {
  const text = Buffer.from(body).toString('utf8').trim();
  return text.startsWith('"') && (truncated || typeof parseJson(text) === 'string');
}

/** Prometheus unpacks gzip that the header names, and nothing else. */
function compression({ contentEncoding, body }: ProbeAnswer): string | undefined {
  const encoding = contentEncoding?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity')
    return encoding === 'gzip'
      ? 'answers in gzip, which Prometheus reads only where the header says just "gzip"'
      : `answers in ${oneLine(encoding)}, which Prometheus does not ask for and cannot read`;
  const packing = packingOf(body);
  return packing && `answers in ${packing} without the header Content-Encoding, so Prometheus cannot read it`;
}

/** By the first bytes (RFC 1952, 8878), or as it unpacks. */
function packingOf(body: Uint8Array): string | undefined {
  const magic = magicOf(body);
  if (magic.startsWith('\x1f\x8b')) return 'gzip';
  if (magic === '\x28\xb5\x2f\xfd') return 'zstd';
  if (unpacksToText(body, inflateSync)) return 'deflate';
  return unpacksToText(body, brotliDecompressSync) ? 'br' : undefined;
}

function unpacksToText(body: Uint8Array, unpack: (body: Uint8Array) => Buffer): boolean {
  if (!CONTROL.test(startOf(body)) && !startOf(body).includes('\ufffd')) return false;
  try {
    const start = startOf(unpack(body));
    return start !== '' && !CONTROL.test(start);
  } catch {
    return false;
  }
}

/** Foreign words, short and without anything that moves a terminal's cursor. */
const oneLine = (text: string): string =>
  text
    .slice(0, 200)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
