import type { Output } from '../../src/output/reporter.ts';
import { styleFor } from '../../src/output/style.ts';

/** The clock of these tests. */
export const NOW = new Date('2026-01-02T03:04:05Z');

/** Streams that remember what was written, without colour. */
export function recordedOutput(): Output & { written: { stdout: string; stderr: string } } {
  const written = { stdout: '', stderr: '' };
  const style = styleFor(false);
  return {
    written,
    stdout: (text) => {
      written.stdout += text;
    },
    stderr: (text) => {
      written.stderr += text;
    },
    outStyle: style,
    errStyle: style,
    now: () => NOW,
    verbose: false,
  };
}
