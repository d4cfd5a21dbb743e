import type { RefusalCode } from '../detect/classify.ts';
import { correct } from './change.ts';
import type { Elsewhere, Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Kind } from './wrong.ts';

const TLS_HINTS: ReadonlySet<Kind> = new Set(['tls', 'reset', 'not-http', 'plain-http', 'http-status']);

/** Asked in the other scheme it answers: with anything at all in TLS, and in HTTP as it is. Pure. */
export const byScheme = (evidence: Evidence, kind: Kind): Finding | undefined => {
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
  'http2',
  'refused',
  'timeout',
  'no-answer',
  'no-such-host',
  'unreachable',
]);

const speaksHttp = (other: Elsewhere | undefined): boolean =>
  other !== undefined && (other.verdict.ok || !NO_HTTP.has(other.verdict.code));
