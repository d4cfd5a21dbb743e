import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Names a recipe by what it is made of: the source files that describe it (`import.meta.url` of each) and any further
 * text. A changed description is another recipe, so its image is built anew.
 */
export function recipeOf(sources: string[], ...more: string[]): string {
  const hash = createHash('sha256');
  for (const source of sources) hash.update(readFileSync(fileURLToPath(source)));
  for (const piece of more) hash.update('\0').update(piece);
  return hash.digest('hex').slice(0, 16);
}
