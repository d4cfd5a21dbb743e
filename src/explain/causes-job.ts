import { insteadOf, missingFile, namedFiles, readableForAll } from '../prometheus/named-files.ts';
import type { Evidence, Finding } from './evidence.ts';
import type { Causes } from './wrong.ts';

/** A passed-through job takes less than is served, or asks for it in a way that fails: no scrape of it is kept. Pure. */
export const JOB_CAUSES: Causes = {
  'sample-limit': (evidence) => {
    const { served, job } = evidence;
    return {
      cause: `it serves ${served?.samples ?? 'more'} samples, and the job "${job}" takes ${limit(evidence, 'sample_limit')}: Prometheus dropped the whole scrape`,
      remedy: `raise \`sample_limit\` of the job "${job}" in \`scrape_configs\`, or serve fewer series`,
    };
  },
  'body-size-limit': (evidence) => ({
    cause: `its answer is longer than the job "${evidence.job}" takes (body_size_limit ${limit(evidence, 'body_size_limit')}): Prometheus dropped the whole scrape`,
    remedy: `raise \`body_size_limit\` of the job "${evidence.job}" in \`scrape_configs\`, or serve fewer series`,
  }),
  'label-limit': ({ job }, detail = '') => ({
    cause: `one of its series has more labels, or longer ones, than the job "${job}" takes: ${detail}`,
    remedy: `raise \`${/\w+/.exec(detail)?.[0] ?? 'label_limit'}\` of the job "${job}" in \`scrape_configs\` (the labels \`job\`, \`instance\` and \`__name__\` count), or drop the label in the program`,
  }),
  'target-limit': ({ job }, detail = '') => ({
    cause: `the job "${job}" has more targets than it takes: ${detail}; Prometheus scrapes none of them`,
    remedy: `raise \`target_limit\` of the job "${job}" in \`scrape_configs\``,
  }),
  proxy: ({ job }, words = '') => ({
    cause: `Prometheus asks for it through the \`proxy_url\` of the job "${job}", and that fails: ${words}`,
    remedy: `correct \`proxy_url\` of the job "${job}" in \`scrape_configs\`, or remove it, then \`monitor up\``,
  }),
  file: (evidence, path) => unreadFile(evidence, path),
};

const limit = ({ scrapeConfig }: Evidence, key: string): string => {
  const value = scrapeConfig?.[key];
  return typeof value === 'number' || typeof value === 'string' ? `${value}` : 'fewer';
};

/** A file that Prometheus cannot open: there is none in its container, or not one that its user may read. Pure. */
export const unreadFile = (
  { job, scrapeConfig, prometheus, error = '' }: Pick<Evidence, 'job' | 'scrapeConfig' | 'prometheus' | 'error'>,
  path = '',
): Finding => {
  const named = scrapeConfig === undefined ? undefined : namedFiles([scrapeConfig]).find((f) => f.path === path);
  const file = named ?? { job, key: '', path, written: path };
  if (/permission denied/i.test(error)) {
    return {
      code: 'file',
      cause: `Prometheus may not read ${path}${file.key === '' ? '' : ` (\`${file.key}\`)`}: the user in its container has no permission`,
      remedy: `${readableForAll(prometheus.container, path)}, then \`monitor restart prometheus\``,
    };
  }
  return { code: 'file', cause: missingFile(file), remedy: insteadOf(file, prometheus) };
};
