import type { Cause } from './causes-answer.ts';
import { inScrapeConfigs } from './change.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Kind } from './wrong.ts';

/** The answer is good, and more than a passed-through job takes: Prometheus drops the whole scrape. Pure. */
export const byLimits: Partial<Record<Kind, Cause>> = {
  'sample-limit': (evidence) => {
    const { answer, job } = evidence;
    const served = answer?.ok === true ? `${answer.samples} samples` : 'more samples';
    return {
      code: 'sample-limit',
      cause: `it serves ${served}, and the job "${job}" takes ${limit(evidence, 'sample_limit')}: Prometheus dropped the whole scrape`,
      remedy: `raise \`sample_limit\` of the job "${job}" in \`scrape_configs\`, or serve fewer series`,
    };
  },
  'body-size-limit': (evidence) => ({
    code: 'body-size-limit',
    cause: `its answer is longer than the job "${evidence.job}" takes (body_size_limit ${limit(evidence, 'body_size_limit')}): Prometheus dropped the whole scrape`,
    remedy: `raise \`body_size_limit\` of the job "${evidence.job}" in \`scrape_configs\`, or serve fewer series`,
  }),
  'label-limit': ({ job }, detail = '') => {
    const [name = 'label_limit'] = /\w+/.exec(detail) ?? [];
    return {
      code: 'label-limit',
      cause: `one of its series has more labels, or longer ones, than the job "${job}" takes: ${detail}`,
      remedy: `raise \`${name}\` of the job "${job}" in \`scrape_configs\` (the labels \`job\`, \`instance\` and \`__name__\` count), or drop the label in the program`,
    };
  },
  'target-limit': ({ job }, detail = '') => ({
    code: 'target-limit',
    cause: `the job "${job}" has more targets than it takes: ${detail}; Prometheus scrapes none of them`,
    remedy: `raise \`target_limit\` of the job "${job}" in \`scrape_configs\``,
  }),
  proxy: ({ job }, words = '') => ({
    code: 'proxy',
    cause: `Prometheus asks for it through the \`proxy_url\` of the job "${job}", and that fails: ${words}`,
    remedy: `correct \`proxy_url\` of the job "${job}" in \`scrape_configs\`, or remove it, then \`monitor up\``,
  }),
  certificate: (evidence, fault = '') => {
    // Words of Go's crypto/x509 behind `x509: `.
    const name = /certificate is (?:not )?valid for (.+?), not /.exec(fault)?.[1];
    const isOtherName = name !== undefined && !/expired/.test(fault);
    return {
      code: 'certificate',
      cause: `Prometheus does not trust its TLS certificate: ${fault}`,
      remedy: `${inScrapeConfigs(evidence, {
        tls_config: isOtherName ? { server_name: name.split(', ')[0] } : { insecure_skip_verify: true },
      })}${isOtherName ? ' (or `insecure_skip_verify: true` there)' : ' (on your own machine; elsewhere `ca` with the certificate of its authority in its place)'}`,
    };
  },
  tls: (evidence, words = 'the handshake failed') =>
    /certificate required|bad certificate|unknown certificate/.test(words)
      ? clientCertificate(evidence, words)
      : {
          code: 'tls',
          cause: `TLS fails between Prometheus and it: ${words}`,
          remedy: 'check that the port serves HTTPS',
        },
};

/** Prometheus takes certificates themselves since 2.48: 2.42 refuses the keys, 3.5 takes them. */
const clientCertificate = (evidence: Evidence, words: string): Finding => {
  const { prometheus, version } = evidence;
  const copies = ['cert.pem', 'key.pem'].map((file) => `\`docker cp ${file} ${prometheus}:/prometheus/${file}\``);
  const [before, pair] = version.startsWith('2.')
    ? [
        `copy them to its volume, ${copies.join(' and ')}, `,
        { cert_file: '/prometheus/cert.pem', key_file: '/prometheus/key.pem' },
      ]
    : ['', { cert: 'CERTIFICATE', key: 'KEY' }];
  return {
    code: 'client-certificate',
    cause: `it asks Prometheus for a certificate, and does not get one that it takes: ${words}`,
    remedy: `give Prometheus one and its key: ${before}${inScrapeConfigs(evidence, { tls_config: pair })}`,
  };
};

const limit = ({ scrapeConfig }: Evidence, key: string): string => {
  const value = scrapeConfig?.[key];
  return typeof value === 'number' || typeof value === 'string' ? `${value}` : 'fewer';
};
