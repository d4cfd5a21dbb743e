import { insteadOf, missingFile, namedFiles, readableForAll } from '../prometheus/named-files.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';

/** A file that Prometheus cannot open: there is none in its container, or not one that its user may read. Pure. */
export const unreadFile = (
  {
    job,
    scrapeConfig,
    version,
    prometheus,
    error = '',
  }: Pick<Evidence, 'job' | 'scrapeConfig' | 'version' | 'prometheus' | 'error'>,
  path = '',
): Finding => {
  const named = scrapeConfig === undefined ? undefined : namedFiles([scrapeConfig]).find((f) => f.path === path);
  const file = named ?? { job, key: '', path, written: path };
  if (/permission denied/i.test(error)) {
    return {
      code: 'file',
      cause: `Prometheus may not read ${path}${file.key === '' ? '' : ` (\`${file.key}\`)`}: the user in its container has no permission`,
      remedy: `${readableForAll(prometheus, path)}, then \`monitor restart prometheus\``,
    };
  }
  return { code: 'file', cause: missingFile(file), remedy: insteadOf(file, { container: prometheus, version }) };
};
