import { inScrapeConfigs } from './change.ts';
import type { Evidence } from './evidence.ts';
import type { Rule } from './rule.ts';
import { readScrapeError } from './scrape-error.ts';

/** The answer is good, and more than a passed-through job allows: Prometheus drops the whole scrape. Pure. */
export const byLimits: Rule = (evidence) => {
  const { answer, error, job } = evidence;
  const read = readScrapeError(error ?? '');
  switch (read?.kind) {
    case 'sample-limit': {
      const served = answer?.ok === true ? `${answer.samples} samples` : 'more samples';
      return {
        code: 'sample-limit',
        cause: `it serves ${served}, and the job "${job}" takes ${limit(evidence, 'sample_limit')}: Prometheus dropped the whole scrape`,
        remedy: `raise \`sample_limit\` of the job "${job}" in \`scrape_configs\`, or serve fewer series`,
      };
    }
    case 'body-size-limit':
      return {
        code: 'body-size-limit',
        cause: `its answer is longer than the job "${job}" takes (body_size_limit ${limit(evidence, 'body_size_limit')}): Prometheus dropped the whole scrape`,
        remedy: `raise \`body_size_limit\` of the job "${job}" in \`scrape_configs\`, or serve fewer series`,
      };
    case 'label-limit':
      return {
        code: 'label-limit',
        cause: `one of its series has more labels, or longer ones, than the job "${job}" takes: ${read.detail ?? ''}`,
        remedy: `raise that limit of the job "${job}" in \`scrape_configs\`, or drop the label in the program`,
      };
    case 'target-limit':
      return {
        code: 'target-limit',
        cause: `the job "${job}" has more targets than it takes: ${read.detail ?? ''}; Prometheus scrapes none of them`,
        remedy: `raise \`target_limit\` of the job "${job}" in \`scrape_configs\``,
      };
    case 'timeout':
      return answer?.ok === true && answer.truncated === true ? unending : undefined;
    case 'certificate':
      return certificate(evidence, read.detail ?? '');
    default:
      return undefined;
  }
};

/** The probe reads the first MiB, and needs no more to know metrics. */
const unending = {
  code: 'endless',
  cause:
    'its answer does not end in time: the first MiB of it are metrics, and Prometheus waits for the rest until the scrape_timeout',
  remedy: 'let the program end its answer (a stream is no scrape), or serve fewer series',
};

const limit = ({ scrapeConfig }: Evidence, key: string): string => {
  const value = scrapeConfig?.[key];
  return typeof value === 'number' || typeof value === 'string' ? `${value}` : 'fewer';
};

/** Words of Go's crypto/x509 behind `x509: `. */
const certificate = (evidence: Evidence, fault: string): ReturnType<Rule> => {
  const name = /certificate is (?:not )?valid for (.+?), not /.exec(fault)?.[1];
  const settings =
    name === undefined || /expired/.test(fault)
      ? '`tls_config: {insecure_skip_verify: true}` (on your own machine), or `ca_file`'
      : `\`tls_config: {server_name: ${name.split(', ')[0]}}\`, or \`insecure_skip_verify: true\` there`;
  return {
    code: 'certificate',
    cause: `Prometheus does not trust its TLS certificate: ${fault}`,
    remedy: inScrapeConfigs(evidence, settings),
  };
};
