import { plural } from '../config/words.ts';
import type { RefusalCode } from '../detect/classify.ts';
import { correct, inScrapeConfigs, shownAddress } from './change.ts';
import type { Elsewhere, Evidence } from './evidence.ts';
import type { Rule } from './rule.ts';
import { readScrapeError, type ScrapeErrorKind } from './scrape-error.ts';
import { USUAL_PATHS } from './usual-paths.ts';

type Kind = RefusalCode | ScrapeErrorKind;

/** An answer came, and it is none that Prometheus takes. Pure. */
export const byAnswer: Rule = (evidence) => {
  const { answer, error } = evidence;
  const read = readScrapeError(error ?? '');
  if (answer?.ok === true && answer.fallback !== undefined && evidence.strict) return contentType(evidence, undefined);
  const kind = answer?.ok === false ? answer.code : read?.kind;
  if (answer?.ok === true && !STAYS.has(read?.kind)) return undefined;
  return byKind(evidence, answer?.ok === true ? read?.kind : kind, read?.detail);
};

/** What Prometheus objects to though the answer parses. */
const STAYS: ReadonlySet<Kind | undefined> = new Set(['content-type', 'plain-http']);

const byKind = (evidence: Evidence, kind: Kind | undefined, detail: string | undefined): ReturnType<Rule> => {
  const otherScheme = wrongScheme(evidence, kind);
  if (otherScheme !== undefined) return otherScheme;
  switch (kind) {
    case 'not-found':
      return notFound(evidence);
    case 'unauthorized':
      return unauthorized(evidence, detail);
    case 'html':
      return notMetrics(evidence, 'html', 'answers with a web page (HTML), not metrics');
    case 'content-type':
      return contentType(evidence, detail);
    case 'http-status':
      return failing(evidence, detail);
    case 'reset':
      return reset(evidence);
    case 'redirect-loop':
      return {
        code: 'redirect-loop',
        cause: `${evidence.endpoint.metrics_path} redirects without end`,
        remedy: 'name the path at which it serves metrics without a redirect',
      };
    case 'not-http':
      return {
        code: 'not-http',
        cause: 'it answers, and does not speak HTTP',
        remedy: 'name the port at which it serves metrics, or run an exporter beside it',
      };
    case 'empty':
    case 'not-metrics':
    case 'no-eof':
    case 'repeated-label':
      return notMetrics(evidence, kind, notMetricsWords(evidence, kind, detail));
    case 'compressed':
      return {
        code: 'compressed',
        cause:
          evidence.answer?.ok === false ? evidence.answer.reason : 'it answers in a compression that was not asked for',
        remedy: 'let the server compress only what asks for it with Accept-Encoding',
      };
    default:
      return undefined;
  }
};

const whose = ({ container, instance }: Evidence): string => (container === undefined ? instance : container.name);

/** The engine's proxy takes the connection to a published port, and closes it where the container takes none. */
const reset = (evidence: Evidence): ReturnType<Rule> => {
  const owner = evidence.ownMachine?.containers.find(({ published }) => published !== undefined);
  if (owner === undefined || evidence.container !== undefined) {
    return {
      code: 'reset',
      cause: 'it closes the connection without a whole answer',
      remedy: `check that the port serves HTTP, and the log of ${whose(evidence)}`,
    };
  }
  return {
    code: 'published-and-closed',
    cause: `${shownAddress(evidence)} is published from container ${owner.name}, in which nothing answers on port ${owner.port}`,
    remedy: `let the program in ${owner.name} listen on 0.0.0.0:${owner.port}, or publish the port on which it does`,
  };
};

const TLS_HINTS: ReadonlySet<Kind | undefined> = new Set(['tls', 'reset', 'not-http', 'plain-http', 'http-status']);

/** Asked in the other scheme it answers: with anything at all in TLS, and in HTTP as it is. */
const wrongScheme = (evidence: Evidence, kind: Kind | undefined): ReturnType<Rule> => {
  if (!TLS_HINTS.has(kind)) return undefined;
  const { endpoint } = evidence;
  const other = evidence.elsewhere.find(({ endpoint: e }) => e.scheme !== endpoint.scheme);
  const certain = kind === 'tls' || kind === 'plain-http';
  if (endpoint.scheme === 'http' && (speaksHttp(other) || certain)) {
    return {
      code: 'wants-tls',
      cause: 'it speaks TLS, and is asked in plain HTTP',
      remedy: `${correct(evidence, { scheme: 'https' })}; a certificate of its own making also needs \`tls_config\` under \`scrape_configs\``,
    };
  }
  if (endpoint.scheme === 'https' && (speaksHttp(other) || kind === 'plain-http')) {
    return {
      code: 'wants-plain-http',
      cause: 'it speaks plain HTTP, and is asked over TLS',
      remedy: correct(evidence, { scheme: 'http' }),
    };
  }
  return undefined;
};

const NO_HTTP: ReadonlySet<RefusalCode> = new Set([
  'tls',
  'reset',
  'not-http',
  'refused',
  'timeout',
  'no-answer',
  'no-such-host',
  'unreachable',
]);

const speaksHttp = (other: Elsewhere | undefined): boolean =>
  other !== undefined && (other.verdict.ok || !NO_HTTP.has(other.verdict.code));

/** What serves metrics at another path of the same place. */
export const serving = ({ elsewhere, endpoint }: Evidence): Elsewhere | undefined =>
  elsewhere.find(({ verdict, endpoint: e }) => verdict.ok && e.metrics_path !== endpoint.metrics_path);

export const usable = (found: Elsewhere): string =>
  `${found.endpoint.metrics_path} serves ${found.verdict.ok ? plural(found.verdict.metrics, 'metric') : 'metrics'}`;

const notFound = (evidence: Evidence): ReturnType<Rule> => {
  const found = serving(evidence);
  const nothing = `it has nothing at ${evidence.endpoint.metrics_path} (HTTP 404)`;
  if (found !== undefined) {
    return {
      code: 'wrong-path',
      cause: `${nothing}; ${usable(found)}`,
      remedy: correct(evidence, { metrics_path: found.endpoint.metrics_path }),
    };
  }
  const asked =
    evidence.elsewhere.length === 0
      ? ''
      : `, nor at the usual paths (${USUAL_PATHS.filter((path) => path !== evidence.endpoint.metrics_path)
          .slice(0, 5)
          .join(', ')}, ...)`;
  return {
    code: 'not-found',
    cause: `${nothing}${asked}`,
    remedy: `find the path at which it serves metrics, or switch them on in the program: ${correct(evidence, { metrics_path: '/PATH' })}`,
  };
};

const unauthorized = (evidence: Evidence, detail: string | undefined): ReturnType<Rule> => {
  const status = /\d{3}/.exec(detail ?? (evidence.answer?.ok === false ? evidence.answer.reason : ''))?.[0] ?? '401';
  return {
    code: 'unauthorized',
    cause:
      status === '403'
        ? 'it forbids Prometheus to read its metrics (HTTP 403)'
        : `it asks for credentials that Prometheus does not have (HTTP ${status})`,
    remedy: `let its metrics be read without credentials, or ${inScrapeConfigs(evidence, '`basic_auth` or `authorization`')}`,
  };
};

const contentType = (evidence: Evidence, detail: string | undefined): ReturnType<Rule> => {
  const found = evidence.answer?.ok === true ? undefined : serving(evidence);
  if (found !== undefined) return notMetrics(evidence, 'not-metrics', 'does not answer with metrics');
  if (/html/i.test(detail ?? '') && evidence.answer?.ok !== true) {
    return notMetrics(evidence, 'html', 'answers with a web page (HTML), not metrics');
  }
  const fallback = evidence.answer?.ok === true ? evidence.answer.fallback : undefined;
  const type =
    detail === undefined || detail === ''
      ? 'no Content-Type, or one that names no format of metrics'
      : `the Content-Type "${detail}"`;
  return {
    code: 'content-type',
    cause: `it serves metrics with ${type}: Prometheus 3 refuses them for that`,
    remedy: `let the server send \`Content-Type: text/plain; version=0.0.4\`, or ${inScrapeConfigs(
      evidence,
      `\`fallback_scrape_protocol: ${fallback ?? 'PrometheusText0.0.4'}\``,
    )}`,
  };
};

const failing = (evidence: Evidence, detail: string | undefined): ReturnType<Rule> => {
  const { answer } = evidence;
  const status = detail ?? (answer?.ok === false ? /\d{3}/.exec(answer.reason)?.[0] : undefined) ?? '';
  return {
    code: 'http-status',
    cause: `it answers with an error of its own (HTTP ${status})`,
    remedy: `see the log of ${whose(evidence)}`,
  };
};

const notMetrics = (evidence: Evidence, code: string, what: string): ReturnType<Rule> => {
  const found = serving(evidence);
  const path = evidence.endpoint.metrics_path;
  if (found !== undefined) {
    return {
      code: 'wrong-path',
      cause: `${path} ${what}; ${usable(found)}`,
      remedy: correct(evidence, { metrics_path: found.endpoint.metrics_path }),
    };
  }
  return {
    code,
    cause: `${path} ${what}`,
    remedy:
      code === 'html' || code === 'empty'
        ? 'name the port and the path at which it serves metrics, or switch them on in the program'
        : 'mend what the program writes there (`promtool check metrics` reads it line by line), or name another path',
  };
};

const notMetricsWords = ({ answer }: Evidence, kind: Kind, detail: string | undefined): string => {
  if (answer?.ok === false && (answer.code === 'empty' || answer.code === 'not-metrics')) return answer.reason;
  if (kind === 'no-eof') return 'answers with OpenMetrics that does not end with # EOF';
  if (kind === 'repeated-label') return `answers with a series that has the label ${detail ?? ''} twice`;
  return `answers with something that Prometheus cannot read: ${detail ?? ''}`;
};
