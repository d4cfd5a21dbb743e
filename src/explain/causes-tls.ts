import { correct, inScrapeConfigs } from './change.ts';
import type { Elsewhere, Evidence, Finding } from './evidence.ts';
import type { Causes, Kind } from './wrong.ts';

/** Faults that may come of a wrong scheme: the other one is asked, too. */
export const WRONG_SCHEME: readonly Kind[] = ['tls', 'reset', 'not-http', 'plain-http', 'http-status'];

/** Asked in the other scheme it answers: with anything at all in TLS, and in HTTP as it is. Pure. */
export const byScheme = (evidence: Evidence, kind: Kind): Finding | undefined => {
  if (!WRONG_SCHEME.includes(kind)) return undefined;
  const { scheme } = evidence.endpoint;
  const isOther = evidence.elsewhere.some((other) => other.endpoint.scheme !== scheme && speaksHttp(other));
  if (scheme === 'http' && (isOther || kind === 'tls' || kind === 'plain-http')) {
    return {
      code: 'wants-tls',
      cause: 'it speaks TLS, and is asked in plain HTTP',
      remedy: `${correct(evidence, { scheme: 'https' })}; a certificate of its own making also needs \`tls_config\` under \`scrape_configs\``,
    };
  }
  if (scheme === 'https' && (isOther || kind === 'plain-http')) {
    return {
      code: 'wants-plain-http',
      cause: 'it speaks plain HTTP, and is asked over TLS',
      remedy: correct(evidence, { scheme: 'http' }),
    };
  }
  return undefined;
};

/** With anything but the words with which a server on a TLS port answers plain HTTP. */
const speaksHttp = ({ verdict }: Elsewhere): boolean =>
  verdict.ok || (verdict.status !== undefined && verdict.code !== 'tls');

/** The scheme is right, and Prometheus and the server do not come to terms. Pure. */
export const TLS_CAUSES: Causes = {
  certificate: (evidence, fault = '') => {
    // Words of Go's crypto/x509 behind `x509: `.
    const name = /certificate is (?:not )?valid for (.+?), not /.exec(fault)?.[1];
    const isOtherName = name !== undefined && !/expired/.test(fault);
    const tls_config = isOtherName ? { server_name: name.split(', ')[0] } : { insecure_skip_verify: true };
    return {
      cause: `Prometheus does not trust its TLS certificate: ${fault}`,
      remedy: `${inScrapeConfigs(evidence, { tls_config })}${isOtherName ? ' (or `insecure_skip_verify: true` there)' : ' (on your own machine; elsewhere `ca` with the certificate of its authority in its place)'}`,
    };
  },
  tls: (evidence, words = 'the handshake failed') =>
    /certificate required|bad certificate|unknown certificate/.test(words)
      ? clientCertificate(evidence, words)
      : { cause: `TLS fails between Prometheus and it: ${words}`, remedy: 'check that the port serves HTTPS' },
};

/** Prometheus takes certificates themselves since 2.48: 2.42 refuses the keys, 3.5 takes them. */
const clientCertificate = (evidence: Evidence, words: string): Finding => {
  const { container, version } = evidence.prometheus;
  const copies = ['cert.pem', 'key.pem'].map((file) => `\`docker cp ${file} ${container}:/prometheus/${file}\``);
  const [before, tls_config] = version.startsWith('2.')
    ? [
        `copy them to its volume, ${copies.join(' and ')}, `,
        { cert_file: '/prometheus/cert.pem', key_file: '/prometheus/key.pem' },
      ]
    : ['', { cert: 'CERTIFICATE', key: 'KEY' }];
  return {
    code: 'client-certificate',
    cause: `it asks Prometheus for a certificate, and does not get one that it takes: ${words}`,
    remedy: `give Prometheus one and its key: ${before}${inScrapeConfigs(evidence, { tls_config })}`,
  };
};
