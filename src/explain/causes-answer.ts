import { defaultsFor } from '../config/defaults.ts';
import { queryAsKeys } from '../config/path-query.ts';
import { splitAddress } from '../detect/place.ts';
import { plural } from '../words.ts';
import { JOB_CAUSES } from './causes-job.ts';
import { TLS_CAUSES } from './causes-tls.ts';
import { asTarget, correct, inScrapeConfigs, shownAddress } from './change.ts';
import type { Evidence, Finding } from './evidence.ts';
import { type Cause, type Causes, hasCredentials, type Kind, type Wrong, wrongOf } from './wrong.ts';

/** Where servers have their metrics that do not have them at `/metrics`; asked where a path turned out to be wrong. */
export const USUAL_PATHS: readonly string[] = [
  '/metrics',
  // Spring Boot: Actuator's endpoint `prometheus` below its base path.
  '/actuator/prometheus',
  // JHipster: the same below its own base path.
  '/management/prometheus',
  // Micronaut: management endpoints have no base path.
  '/prometheus',
  // Quarkus: non-application endpoints are below `/q`.
  '/q/metrics',
  // Envoy's admin interface.
  '/stats/prometheus',
  // The Elasticsearch plugin "prometheus-exporter".
  '/_prometheus/metrics',
  // MinIO, version 2 of its metrics.
  '/minio/v2/metrics/cluster',
  // Habits of hand-written servers: behind an API prefix, beside JSON, or with a slash at the end.
  '/api/metrics',
  '/metrics/prometheus',
  '/prometheus/metrics',
  '/metrics/',
];

/** An answer came that Prometheus does not take: why, by its kind. Pure. */
export const byAnswer = (evidence: Evidence, { kind, detail }: Wrong): Finding | undefined => {
  const content = CONTENT[kind];
  if (content === undefined) {
    const told = CAUSES[kind]?.(evidence, detail);
    return told && { code: kind, ...told };
  }
  const heard = evidence.refusal?.code === kind ? evidence.refusal.reason : undefined;
  const what = typeof content.what === 'string' ? content.what : (heard ?? content.what(detail ?? ''));
  return { code: kind, ...atPath(evidence, what, content.remedy) };
};

/** It sends Prometheus elsewhere, and what was heard was heard there. Pure. */
export const byRedirect = (evidence: Evidence): Finding | undefined => {
  const { refusal } = evidence;
  if (refusal?.redirectedTo === undefined || wrongOf(evidence)?.kind !== refusal.code) return undefined;
  const remedy =
    'let the program serve its metrics without that redirect, or name the address and the path at which it does';
  return { code: 'redirected', ...atPath(evidence, refusal.reason, remedy) };
};

const whose = ({ container, instance }: Evidence): string => container?.name ?? instance;

/** Of what is at the path that is scraped: a newer Prometheus may read it, or another path serve metrics. */
const atPath = (evidence: Evidence, what: string, remedy: string): NonNullable<ReturnType<Cause>> => {
  const { endpoint, elsewhere, error, readByNewer, prometheus } = evidence;
  if (readByNewer) {
    const { image } = defaultsFor('').prometheus;
    return {
      code: 'needs-newer-prometheus',
      cause: `${endpoint.metrics_path} answers with metrics that Prometheus ${prometheus.version} cannot read, and newer versions can: ${error ?? what}`,
      remedy: `use a newer Prometheus, which keeps the data: \`prometheus: {image: ${image}}\` in monitor.yml, then \`monitor up\`; or write names of letters, digits and \`_\` without blanks before them in the program`,
    };
  }
  const cause = `${endpoint.metrics_path} ${what}`;
  const found = elsewhere.find((e) => e.verdict.ok && e.endpoint.metrics_path !== endpoint.metrics_path);
  if (found?.verdict.ok !== true) return { cause, remedy };
  const { metrics_path } = found.endpoint;
  return {
    code: 'wrong-path',
    cause: `${cause}; ${metrics_path} serves ${plural(found.verdict.metrics, 'metric')}`,
    remedy: correct(evidence, { metrics_path }),
  };
};

const notFound: Cause = (evidence) => {
  const { scrapeConfig, endpoint, elsewhere, job } = evidence;
  const status = evidence.refusal?.status ?? 404;
  const written = scrapeConfig?.['metrics_path'];
  if (typeof written === 'string' && written.includes('?')) {
    return {
      code: 'path-with-query',
      cause: `it has nothing at ${endpoint.metrics_path} (HTTP ${status}): Prometheus takes all of the \`metrics_path\` ${written} for a path`,
      remedy: `write \`${queryAsKeys(written)}\` in the job "${job}" of \`scrape_configs\`, then \`monitor up\``,
    };
  }
  const others = USUAL_PATHS.filter((path) => path !== endpoint.metrics_path).slice(0, 5);
  const isAsked = elsewhere.length > 0 && !elsewhere.some(({ verdict }) => verdict.ok);
  return atPath(
    evidence,
    `has nothing (HTTP ${status})${isAsked ? `, nor at the usual paths (${others.join(', ')}, ...)` : ''}`,
    `find the path at which it serves metrics, or switch them on in the program: ${correct(evidence, { metrics_path: '/PATH' })}`,
  );
};

const unauthorized: Cause = (evidence, detail) => {
  const { job, scrapeConfig } = evidence;
  const status = /\d{3}/.exec(detail ?? '')?.[0] ?? evidence.refusal?.status ?? 401;
  if (hasCredentials(scrapeConfig)) {
    return {
      cause: `it refuses the credentials of the job "${job}" (HTTP ${status})`,
      remedy: `correct them in the job "${job}" of \`scrape_configs\`, then \`monitor up\``,
    };
  }
  const settings = { basic_auth: { username: 'NAME', password: 'PASSWORD' } };
  return {
    cause: `it ${`${status}` === '403' ? 'forbids Prometheus to read its metrics' : 'asks for credentials that Prometheus does not have'} (HTTP ${status})`,
    remedy: `let its metrics be read without credentials, or give Prometheus some (\`authorization: {credentials: TOKEN}\` for a token): ${inScrapeConfigs(evidence, settings)}`,
  };
};

/** The server checks the Host header: it serves metrics for `localhost` and refuses the name that Prometheus uses. */
const hostRefused: Cause = (evidence) => {
  const { host } = splitAddress(evidence.endpoint.address);
  const status = evidence.refusal?.status;
  const setting = `add ${host} to the hosts that the server allows (ALLOWED_HOSTS in Django, config.hosts in Rails, AllowedHosts in ASP.NET, allowedHosts in Vite)`;
  return {
    cause: `it refuses the name ${host} in the Host header${status === undefined ? '' : ` (HTTP ${status})`}, and serves metrics for localhost`,
    remedy: host.includes('_')
      ? `${setting}; where it refuses every name with "_", ${byAlias(evidence, host)}`
      : setting,
  };
};

/** A name without `_` on the same network. The engine takes an alias only while it connects, and forgets those before. */
const byAlias = (evidence: Evidence, host: string): string => {
  const { inspected, origin } = evidence;
  const alias = host.replaceAll('_', '-');
  const target = origin === 'detected' ? asTarget(evidence, { host: alias }) : correct(evidence, { host: alias });
  const network = inspected?.networks.find(({ name }) => name !== 'bridge' && name !== 'none');
  if (inspected === undefined || network === undefined) return `give it another name, then ${target}`;
  const known = network.aliases.filter((name) => !/^[0-9a-f]{12}$/.test(name));
  const aliases = [...new Set([...known, host, alias])].map((name) => `--alias ${name}`).join(' ');
  return `give it the alias ${alias} on the network ${network.name} (in Compose: \`aliases\` of the service): \`docker network disconnect ${network.name} ${inspected.name}\`, \`docker network connect ${aliases} ${network.name} ${inspected.name}\`, then ${target}`;
};

/** Prometheus takes 200 alone; what the server says of an error is in its answer. */
const httpStatus: Cause = (evidence, detail) => {
  const { refusal, container } = evidence;
  const status = detail ?? `${evidence.refusal?.status ?? ''}`;
  if (/^[123]/.test(status)) {
    return {
      code: 'http-status',
      cause: `it answers with HTTP ${status}, and Prometheus takes 200 only`,
      remedy: `let the program in ${whose(evidence)}, or the proxy in front of it, answer with status 200 and the metrics (\`curl -v\` shows the answer)`,
    };
  }
  const said = refusal?.code === 'http-status' ? /: (.*)/.exec(refusal.reason)?.[0] : undefined;
  return {
    code: 'http-status',
    cause: `it answers with an error of its own (HTTP ${status})${said ?? ''}`,
    remedy: `see ${container === undefined ? `the log of ${whose(evidence)}` : `\`docker logs ${container.name}\``}`,
  };
};

/** The engine's proxy takes the connection to a published port, and closes it where the container takes none. */
const reset: Cause = (evidence) => {
  const owner = evidence.ownMachine?.containers.find(({ published }) => published !== undefined);
  if (owner === undefined || evidence.container !== undefined) {
    return {
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

/** The body is good, and only its Content-Type is refused; where the body is not, that comes first. */
const contentType: Cause = (evidence, detail = '') => {
  if (/html/i.test(detail) && evidence.served === undefined) return byAnswer(evidence, { kind: 'html' });
  const fallback = evidence.served?.fallback ?? 'PrometheusText0.0.4';
  const type =
    detail === '' ? 'no Content-Type, or one that names no format of metrics' : `the Content-Type "${detail}"`;
  return {
    cause: `it serves metrics with ${type}: Prometheus 3 refuses them for that`,
    remedy: `let the server send \`Content-Type: text/plain; version=0.0.4\`, or ${inScrapeConfigs(evidence, { fallback_scrape_protocol: fallback })}`,
  };
};

const CAUSES: Causes = {
  ...JOB_CAUSES,
  ...TLS_CAUSES,
  'not-found': notFound,
  unauthorized,
  'host-refused': hostRefused,
  'http-status': httpStatus,
  'unfollowed-redirect': (evidence, detail) =>
    evidence.scrapeConfig?.['follow_redirects'] === undefined
      ? httpStatus(evidence, detail)
      : {
          cause: `it redirects (HTTP ${detail ?? '3xx'}), and the job "${evidence.job}" does not follow redirects`,
          remedy: `${inScrapeConfigs(evidence, { follow_redirects: true })}; or name the address and the path that it redirects to`,
        },
  'redirect-loop': ({ endpoint }) => ({
    cause: `${endpoint.metrics_path} redirects without end`,
    remedy: 'name the path at which it serves metrics without a redirect',
  }),
  reset,
  'not-http': () => ({
    cause: 'it answers, and does not speak HTTP',
    remedy: 'name the port at which it serves metrics, or run an exporter beside it',
  }),
  http2: (evidence) => ({
    cause: 'it speaks HTTP/2 only, as gRPC does; without TLS, Prometheus speaks HTTP/1.1',
    remedy: `serve the metrics over HTTP/1.1 on a port of their own, and name that port: ${correct(evidence, { port: 'PORT' })}`,
  }),
  'bad-headers': (evidence, detail) => ({
    cause:
      detail === undefined && evidence.refusal !== undefined
        ? `it ${evidence.refusal.reason}`
        : `it answers with headers or chunks that Prometheus refuses: ${detail}`,
    remedy: `fix what writes the headers and chunks, the program or a proxy in front of it (\`curl -v\` shows them), in ${whose(evidence)}`,
  }),
  'content-type': contentType,
};

/**
 * What is at the path that is scraped and not metrics that Prometheus reads. `what` reads behind that path; where it depends
 * on Prometheus's words, a fresh request that was answered so says it better.
 */
interface Content {
  what: string | ((words: string) => string);
  remedy: string;
}

const NAME_IT = 'name the port and the path at which it serves metrics, or switch them on in the program';
const BROKEN: Content = {
  what: (words) => `answers with something that Prometheus cannot read: ${words}`,
  remedy: 'fix what the program writes there (`promtool check metrics` reads it line by line), or name another path',
};

const CONTENT: Partial<Record<Kind, Content>> = {
  html: { what: 'answers with a web page (HTML), not metrics', remedy: NAME_IT },
  empty: { what: (words) => words || 'answers without a metric', remedy: NAME_IT },
  bom: {
    what: 'starts with a byte order mark, which Prometheus refuses',
    remedy: 'write UTF-8 without a byte order mark in the program (in .NET: `new UTF8Encoding(false)`)',
  },
  'json-string': {
    what: 'answers with its text as one JSON string, in quotes',
    remedy:
      'return the text itself with `Content-Type: text/plain; version=0.0.4` in the program, not through its JSON serializer',
  },
  'not-utf8': {
    what: (words) => `answers with text that is not UTF-8: ${words}`,
    remedy: 'write label values, names and help texts as UTF-8 in the program',
  },
  compressed: {
    what: (words) => `answers in a compression that its headers do not name${words && ` (${words})`}`,
    remedy:
      'send `Content-Encoding: gzip` with what is compressed, or switch the compression off, in the program or the proxy in front of it',
  },
  'no-eof': {
    what: 'answers with OpenMetrics that does not end with # EOF',
    remedy: 'write `# EOF` as the last line, or send `Content-Type: text/plain; version=0.0.4`, in the program',
  },
  'repeated-label': {
    what: (label) => `answers with a series that has the label ${label} twice`,
    remedy: 'write each label of a series once in the program',
  },
  'broken-metrics': BROKEN,
  'not-metrics': BROKEN,
};
