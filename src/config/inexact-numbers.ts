import { type Document, isAlias, isMap, isScalar, visit } from 'yaml';
import type { Path, SourceProblem } from './yaml-source.ts';

/**
 * Numbers in `scrape_configs` that would not come out as they are written: `1.10` is the number 1.1, but Prometheus
 * takes it for the text `1.10` where it expects text. What cannot be passed on exactly is refused, not altered.
 */
export function findInexactNumbers(doc: Document.Parsed): SourceProblem[] {
  const problems: SourceProblem[] = [];
  const written = isMap(doc.contents) ? doc.contents.get('scrape_configs', true) : undefined;
  const list = isAlias(written) ? written.resolve(doc) : written;
  if (list === undefined) return problems;
  visit(list, {
    Scalar(key, node) {
      const { value, source } = node;
      if (key === 'key' || !isScalar(node) || typeof value !== 'number' || String(value) === source) return;
      const path: Path = ['scrape_configs'];
      const message = `${source} cannot be passed on exactly: write "${source}" for the text, or ${value} for the number`;
      problems.push({ path, offset: node.range?.[0] ?? 0, message });
    },
  });
  return problems;
}
