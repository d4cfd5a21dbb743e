import { shorten } from '../config/words.ts';
import { declaredFormat } from './content-type.ts';
import { type Exposition, parseExposition } from './exposition.ts';
import type { MetricFamily } from './metric-families.ts';
import type { ProbeAnswer, ProbeError } from './probe-exchange.ts';

/** What an endpoint's answer makes of it. */
export type Verdict =
  | {
      ok: true;
      format: 'text' | 'openmetrics';
      /** Distinct metrics. */
      metrics: number;
      samples: number;
      families: Map<string, MetricFamily>;
      /** There was more of it than what is read at most. */
      truncated?: true;
      /**
       * The `fallback_scrape_protocol` without which Prometheus 3 refuses the answer for its Content-Type. Prometheus 2
       * does not know the key, and reads such an answer as `PrometheusText0.0.4`; the other one it cannot read.
       */
      fallback?: 'PrometheusText0.0.4' | 'OpenMetricsText1.0.0';
    }
  | {
      ok: false;
      code: RefusalCode;
      reason: string;
      /** The URL that refused, where the one that was asked for redirects there; the reason has it too. */
      redirectedTo?: string;
    };

/** Why an answer makes no target; stable, what scripts and explanations branch on. */
export type RefusalCode =
  | Exclude<ProbeError, 'other'>
  | 'no-answer'
  | 'unauthorized'
  | 'not-found'
  | 'http-status'
  | 'compressed'
  | 'html'
  | 'empty'
  | 'not-metrics';

export type Answer = Pick<
  ProbeAnswer,
  'status' | 'contentType' | 'contentEncoding' | 'body' | 'truncated' | 'error' | 'detail' | 'redirectedTo' | 'waited'
>;

/** Decides by an endpoint's answer whether Prometheus can scrape it. Pure; never throws. */
export function classify(answer: Answer): Verdict {
  const verdict = judge(answer);
  const { redirectedTo } = answer;
  if (verdict.ok || verdict.code === 'redirect-loop' || redirectedTo === undefined) return verdict;
  const reason = `redirects to ${shown(redirectedTo)}, which ${verdict.reason}`;
  return { ...verdict, reason, redirectedTo: shown(redirectedTo) };
}

/** A Location is the server's word, and may be long. */
const shown = (url: string): string => shorten(oneLine(url), 120);

function judge(answer: Answer): Verdict {
  const { status, error } = answer;
  if (error !== undefined) return refuse(error === 'other' ? 'no-answer' : error, errorReason(error, answer));
  if (status === undefined) return refuse('no-answer', errorReason('other', answer));
  // A scrape is good with 200 alone: scrape/scrape.go, "server returned HTTP status".
  if (status !== 200) return byStatus(status, answer.body);
  const encoding = compression(answer);
  if (encoding !== undefined) {
    return refuse('compressed', `answers in ${encoding} although plain text was asked for, so it could not be read`);
  }
  return byBody(answer);
}

const refuse = (code: RefusalCode, reason: string): Verdict => ({ ok: false, code, reason });

const ERROR_REASONS: Readonly<Record<Exclude<ProbeError, 'timeout'>, string>> = {
  'no-such-host': 'its name does not resolve',
  refused: 'refuses the connection: nothing listens on that port, or only on 127.0.0.1 inside the container',
  unreachable: 'cannot be reached over the network',
  reset: 'closes the connection without an answer',
  'redirect-loop': 'redirects without end',
  tls: 'speaks TLS, and was asked in plain HTTP, or the reverse',
  'not-http': 'does not speak HTTP',
  other: 'gave no answer',
};

function errorReason(error: ProbeError, { status, detail, waited }: Answer): string {
  const inTime = waited === undefined ? 'in time' : `within ${waited} s`;
  if (error === 'timeout')
    return status === undefined ? `does not answer ${inTime}` : `starts to answer and does not end ${inTime}`;
  if (error === 'reset' && status !== undefined) return 'ends its answer before it is whole';
  const words = error === 'other' || error === 'tls' || error === 'redirect-loop' ? detail?.trim() : undefined;
  return words ? `${ERROR_REASONS[error]} (${oneLine(words)})` : ERROR_REASONS[error];
}

function byStatus(status: number, body: string): Verdict {
  if (status === 401 || status === 403 || status === 407)
    return refuse('unauthorized', `asks for credentials (HTTP ${status})`);
  if (status === 404 || status === 410) return refuse('not-found', `has nothing at this path (HTTP ${status})`);
  if (status === 400 && WANTS_TLS.test(body.slice(0, SNIFFED)))
    return refuse('tls', 'speaks TLS, and was asked in plain HTTP');
  return refuse('http-status', `answers with HTTP status ${status}`);
}

/** The answers of Go's net/http ("Client sent an HTTP request to an HTTPS server.") and of nginx to plain HTTP on a TLS port. */
const WANTS_TLS = /HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS port/i;

/** Characters of a body that tell what it is. */
const SNIFFED = 2000;

function byBody(answer: Answer): Verdict {
  const { body, contentType, truncated } = answer;
  const exposition = parseExposition(body, contentType, { truncated });
  if (!exposition.ok) return notMetrics(body, exposition);
  const { format, metrics, samples, families } = exposition;
  // Registered metrics without a sample yet are metrics; comments alone may be anything.
  if (metrics === 0)
    return refuse('empty', body === '' ? 'answers with an empty body' : 'answers without a single metric');
  const good: Verdict = { ok: true, format, metrics, samples, families, ...(truncated ? { truncated } : {}) };
  if (declaredFormat(contentType) !== undefined) return good;
  return { ...good, fallback: format === 'text' ? 'PrometheusText0.0.4' : 'OpenMetricsText1.0.0' };
}

function notMetrics(body: string, { line, reason }: Extract<Exposition, { ok: false }>): Verdict {
  const start = body.slice(0, SNIFFED).trimStart();
  if (/^<(?:!doctype\s+html|html|head|body|title|h1)\b/i.test(start))
    return refuse('html', 'answers with HTML, not metrics');
  if (start.startsWith('<')) return refuse('not-metrics', 'answers with XML or HTML, not metrics');
  if (/^(?:\{\s*(?:\}|"(?:[^"\\]|\\.)*"\s*:)|\[\s*[[\]{"\d])/.test(start))
    return refuse('not-metrics', 'answers with JSON, not metrics');
  if (BINARY.test(start)) return refuse('not-metrics', 'answers with binary data, not metrics');
  const where = line === undefined ? '' : ` (line ${line})`;
  return refuse('not-metrics', `answers with something that Prometheus cannot read${where}: ${oneLine(reason)}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these bytes are what makes a body binary
const BINARY = /[\u0000-\u0008\u000e-\u001f\ufffd]/;

/** The compression of a body, by its header or its first bytes as they look once read as UTF-8; `undefined`: none. */
function compression({ contentEncoding, body }: Answer): string | undefined {
  const encoding = contentEncoding?.trim().toLowerCase() ?? '';
  if (encoding !== '' && encoding !== 'identity') return oneLine(encoding);
  const starts = (magic: string): boolean => body.startsWith(magic);
  // RFC 1952 and RFC 8878; bytes that are no UTF-8 have become U+FFFD.
  if (starts('\u001f\ufffd') || starts('\u001f\u008b')) return 'gzip';
  return starts('(\ufffd/\ufffd') || starts('(\u00b5/\u00fd') ? 'zstd' : undefined;
}

/** Foreign words, short and without anything that moves a terminal's cursor. */
const oneLine = (text: string): string =>
  text
    .slice(0, 200)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
