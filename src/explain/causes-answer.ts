import { defaultsFor } from '../config/defaults.ts';
import { queryAsKeys } from '../config/path-query.ts';
import { plural } from '../config/words.ts';
import { hostRefused } from './causes-host.ts';
import { correct, inScrapeConfigs, shownAddress } from './change.ts';
import type { Elsewhere, Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Rule } from './rule.ts';
import { USUAL_PATHS } from './usual-paths.ts';
import { hasCredentials, type Kind, wrongOf } from './wrong.ts';

/** What follows from one kind of answer; `undefined` where it explains nothing by itself. `detail`: of Prometheus's words. */
export type Cause = (evidence: Evidence, detail: string | undefined) => Finding | undefined;

const whose = ({ container, instance }: Evidence): string => container?.name ?? instance;
const logOf = (evidence: Evidence): string =>
  evidence.container === undefined ? `the log of ${whose(evidence)}` : `\`docker logs ${evidence.container.name}\``;

/** An answer came that Prometheus does not take: why, by its kind. Pure. */
export const byAnswer: Partial<Record<Kind, Cause>> = {
  'not-found': (evidence) => notFound(evidence),
  unauthorized: (evidence, detail) => unauthorized(evidence, detail),
  'host-refused': (evidence) => hostRefused(evidence),
  'http-status': (evidence, detail) => httpStatus(evidence, detail),
  'unfollowed-redirect': (evidence, detail) =>
    evidence.scrapeConfig?.['follow_redirects'] === undefined
      ? httpStatus(evidence, detail)
      : {
          code: 'unfollowed-redirect',
          cause: `it redirects (HTTP ${detail ?? '3xx'}), and the job "${evidence.job}" does not follow redirects`,
          remedy: `${inScrapeConfigs(evidence, { follow_redirects: true })}; or name the address and the path that it redirects to`,
        },
  'redirect-loop': ({ endpoint }) => ({
    code: 'redirect-loop',
    cause: `${endpoint.metrics_path} redirects without end`,
    remedy: 'name the path at which it serves metrics without a redirect',
  }),
  reset: (evidence) => reset(evidence),
  'not-http': () => ({
    code: 'not-http',
    cause: 'it answers, and does not speak HTTP',
    remedy: 'name the port at which it serves metrics, or run an exporter beside it',
  }),
  http2: (evidence) => ({
    code: 'http2',
    cause: 'it speaks HTTP/2 only, as gRPC does; without TLS, Prometheus speaks HTTP/1.1',
    remedy: `serve the metrics over HTTP/1.1 on a port of their own, and name that port: ${correct(evidence, { port: 'PORT' })}`,
  }),
  'bad-headers': (evidence, detail) => ({
    code: 'bad-headers',
    cause:
      detail === undefined
        ? `it ${heardOf(evidence) ?? 'answers with headers that Prometheus refuses'}`
        : `it answers with headers or chunks that Prometheus refuses: ${detail}`,
    remedy: `fix what writes the headers and chunks, the program or a proxy in front of it (\`curl -v\` shows them), in ${whose(evidence)}`,
  }),
  html: (evidence) =>
    notMetrics(
      evidence,
      'html',
      'answers with a web page (HTML), not metrics',
      'name the port and the path at which it serves metrics, or switch them on in the program',
    ),
  empty: (evidence, detail) =>
    notMetrics(
      evidence,
      'empty',
      heardOf(evidence) ?? detail ?? 'answers without a metric',
      'name the port and the path at which it serves metrics, or switch them on in the program',
    ),
  'content-type': (evidence, detail) => contentType(evidence, detail),
  bom: (evidence) =>
    unreadable(
      evidence,
      'bom',
      'starts with a byte order mark, which Prometheus refuses',
      'write UTF-8 without a byte order mark in the program (in .NET: `new UTF8Encoding(false)`)',
    ),
  'json-string': (evidence) =>
    unreadable(
      evidence,
      'json-string',
      'answers with its text as one JSON string, in quotes',
      'return the text itself with `Content-Type: text/plain; version=0.0.4` in the program, not through its JSON serializer',
    ),
  'not-utf8': (evidence, detail) =>
    unreadable(
      evidence,
      'not-utf8',
      heardOf(evidence) ?? `answers with text that is not UTF-8: ${detail ?? ''}`,
      'write label values, names and help texts as UTF-8 in the program',
    ),
  compressed: (evidence, detail) =>
    unreadable(
      evidence,
      'compressed',
      heardOf(evidence) ??
        `answers in a compression that its headers do not name${detail === undefined ? '' : ` (${detail})`}`,
      'send `Content-Encoding: gzip` with what is compressed, or switch the compression off, in the program or the proxy in front of it',
    ),
  'no-eof': (evidence) =>
    unreadable(
      evidence,
      'no-eof',
      'answers with OpenMetrics that does not end with # EOF',
      'write `# EOF` as the last line, or send `Content-Type: text/plain; version=0.0.4`, in the program',
    ),
  'repeated-label': (evidence, detail) =>
    unreadable(
      evidence,
      'repeated-label',
      `answers with a series that has the label ${detail ?? ''} twice`,
      'write each label of a series once in the program',
    ),
  'broken-metrics': (evidence, detail) => broken(evidence, 'broken-metrics', detail),
  'not-metrics': (evidence, detail) => broken(evidence, 'not-metrics', detail),
};

/** It sends Prometheus elsewhere, and what was heard was heard there. Pure. */
export const byRedirect: Rule = (evidence) => {
  const { answer } = evidence;
  const isRedirected = answer?.ok === false && answer.redirectedTo !== undefined;
  if (!isRedirected || wrongOf(evidence)?.kind !== answer.code) return undefined;
  return notMetrics(
    evidence,
    'redirected',
    answer.reason,
    'let the program serve its metrics without that redirect, or name the address and the path at which it does',
  );
};

const heardOf = ({ answer }: Evidence): string | undefined => (answer?.ok === false ? answer.reason : undefined);

/** Prometheus takes 200 alone; what the server says of an error is in its answer. */
const httpStatus: Cause = (evidence, detail) => {
  const status = detail ?? statusOf(evidence);
  const { answer } = evidence;
  const said = answer?.ok === false && answer.code === 'http-status' ? /: (.*)/.exec(answer.reason)?.[0] : undefined;
  return /^[123]/.test(status)
    ? {
        code: 'http-status',
        cause: `it answers with HTTP ${status}, and Prometheus takes 200 only`,
        remedy: `let the program in ${whose(evidence)}, or the proxy in front of it, answer with status 200 and the metrics (\`curl -v\` shows the answer)`,
      }
    : {
        code: 'http-status',
        cause: `it answers with an error of its own (HTTP ${status})${said ?? ''}`,
        remedy: `see ${logOf(evidence)}`,
      };
};

const statusOf = ({ answer }: Evidence): string =>
  answer?.ok === false ? `${answer.status ?? /\d{3}/.exec(answer.reason)?.[0] ?? ''}` : '';

/** The engine's proxy takes the connection to a published port, and closes it where the container takes none. */
const reset: Rule = (evidence) => {
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

/** What serves metrics at another path of the same place. */
const serving = ({ elsewhere, endpoint }: Evidence): Elsewhere | undefined =>
  elsewhere.find(({ verdict, endpoint: e }) => verdict.ok && e.metrics_path !== endpoint.metrics_path);

const usable = (found: Elsewhere): string =>
  `${found.endpoint.metrics_path} serves ${found.verdict.ok ? plural(found.verdict.metrics, 'metric') : 'metrics'}`;

const notFound: Rule = (evidence) => {
  const path = evidence.scrapeConfig?.['metrics_path'];
  if (typeof path === 'string' && path.includes('?')) {
    return {
      code: 'path-with-query',
      cause: `it has nothing at ${evidence.endpoint.metrics_path} (HTTP ${statusOf(evidence) || '404'}): Prometheus takes all of the \`metrics_path\` ${path} for a path`,
      remedy: `write \`${queryAsKeys(path)}\` in the job "${evidence.job}" of \`scrape_configs\`, then \`monitor up\``,
    };
  }
  const nothing = `has nothing (HTTP ${statusOf(evidence) || '404'})`;
  const others = USUAL_PATHS.filter((path) => path !== evidence.endpoint.metrics_path).slice(0, 5);
  const asked = evidence.elsewhere.length === 0 ? '' : `, nor at the usual paths (${others.join(', ')}, ...)`;
  return notMetrics(
    evidence,
    'not-found',
    `${nothing}${serving(evidence) === undefined ? asked : ''}`,
    `find the path at which it serves metrics, or switch them on in the program: ${correct(evidence, { metrics_path: '/PATH' })}`,
  );
};

const unauthorized: Cause = (evidence, detail) => {
  const status = /\d{3}/.exec(detail ?? '')?.[0] ?? statusOf(evidence);
  if (hasCredentials(evidence.scrapeConfig)) {
    return {
      code: 'unauthorized',
      cause: `it refuses the credentials of the job "${evidence.job}" (HTTP ${status || '401'})`,
      remedy: `correct them in the job "${evidence.job}" of \`scrape_configs\`, then \`monitor up\``,
    };
  }
  const settings = { basic_auth: { username: 'NAME', password: 'PASSWORD' } };
  return {
    code: 'unauthorized',
    cause:
      status === '403'
        ? 'it forbids Prometheus to read its metrics (HTTP 403)'
        : `it asks for credentials that Prometheus does not have (HTTP ${status || '401'})`,
    remedy: `let its metrics be read without credentials, or give Prometheus some (\`authorization: {credentials: TOKEN}\` for a token): ${inScrapeConfigs(evidence, settings)}`,
  };
};

/** The body is good, and only its Content-Type is refused; where the body is not, that comes first. */
export const contentType: Cause = (evidence, detail) => {
  if (/html/i.test(detail ?? '') && evidence.answer?.ok !== true) {
    return notMetrics(
      evidence,
      'html',
      'answers with a web page (HTML), not metrics',
      'name the port and the path at which it serves metrics, or switch them on in the program',
    );
  }
  const fallback = evidence.answer?.ok === true ? evidence.answer.fallback : undefined;
  const type =
    detail === undefined || detail === ''
      ? 'no Content-Type, or one that names no format of metrics'
      : `the Content-Type "${detail}"`;
  return {
    code: 'content-type',
    cause: `it serves metrics with ${type}: Prometheus 3 refuses them for that`,
    remedy: `let the server send \`Content-Type: text/plain; version=0.0.4\`, or ${inScrapeConfigs(evidence, {
      fallback_scrape_protocol: fallback ?? 'PrometheusText0.0.4',
    })}`,
  };
};

const broken = (evidence: Evidence, code: string, detail = ''): Finding =>
  unreadable(
    evidence,
    code,
    heardOf(evidence) ?? `answers with something that Prometheus cannot read: ${detail}`,
    'fix what the program writes there (`promtool check metrics` reads it line by line), or name another path',
  );

/** What one Prometheus refuses, a newer one may read. */
const unreadable = (evidence: Evidence, code: string, what: string, remedy: string): Finding => {
  if (!evidence.readByNewer) return notMetrics(evidence, code, what, remedy);
  const { image } = defaultsFor('').prometheus;
  return {
    code: 'needs-newer-prometheus',
    cause: `${evidence.endpoint.metrics_path} answers with metrics that Prometheus ${evidence.version} cannot read, and newer versions can: ${evidence.error ?? what}`,
    remedy: `use a newer Prometheus, which keeps the data: \`prometheus: {image: ${image}}\` in monitor.yml, then \`monitor up\`; or write names of letters, digits and \`_\` without blanks before them in the program`,
  };
};

const notMetrics = (evidence: Evidence, code: string, what: string, remedy: string): Finding => {
  const found = serving(evidence);
  const cause = `${evidence.endpoint.metrics_path} ${what}`;
  if (found === undefined) return { code, cause, remedy };
  return {
    code: 'wrong-path',
    cause: `${cause}; ${usable(found)}`,
    remedy: correct(evidence, { metrics_path: found.endpoint.metrics_path }),
  };
};
