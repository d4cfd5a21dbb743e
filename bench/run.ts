import { createLab } from './lab.ts';
import type { Finding, Measure, Skipped } from './measure.ts';
import { coldUp } from './measures/cold-up.ts';
import { dashboards } from './measures/dashboards.ts';
import { detectHundred } from './measures/detect-hundred.ts';
import { detectThousand } from './measures/detect-thousand.ts';
import { exportKubernetes } from './measures/export.ts';
import { firstTargets } from './measures/first-targets.ts';
import { memory } from './measures/memory.ts';
import { noOpUp } from './measures/no-op-up.ts';
import { version } from './measures/version.ts';
import { watchLatency } from './measures/watch-latency.ts';

/** By the name that `npm run bench -- NAME` takes. */
const MEASURES: Record<string, Measure> = {
  version,
  'no-op-up': noOpUp,
  'cold-up': coldUp,
  memory,
  'detect-thousand': detectThousand,
  'detect-hundred': detectHundred,
  'watch-latency': watchLatency,
  'first-targets': firstTargets,
  export: exportKubernetes,
  dashboards,
};

/** Medians of at least this many samples. */
const ROUNDS = 7;

/** Takes the measures that are named, or all, and prints each number beside its goal. */
const main = async (names: readonly string[]): Promise<void> => {
  // A machine's own: Node reads these certificates at each start, which takes as long again as the start itself.
  delete process.env['NODE_EXTRA_CA_CERTS'];
  const unknown = names.filter((name) => MEASURES[name] === undefined);
  if (unknown.length > 0) {
    throw new Error(`There is no measure ${unknown.join(', ')}: ${Object.keys(MEASURES).join(', ')}`);
  }
  for (const name of names.length > 0 ? names : Object.keys(MEASURES)) {
    const measure = MEASURES[name];
    if (measure !== undefined) await take(name, measure);
  }
};

const take = async (name: string, measure: Measure): Promise<void> => {
  const lab = createLab(ROUNDS);
  const stop = () => void lab.close().then(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    for (const found of await measure(lab)) process.stdout.write(`${name}: ${lineOf(found)}\n`);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await lab.close();
  }
};

const lineOf = (found: Finding | Skipped): string => {
  if ('because' in found) return `${found.what}: not measured: ${found.because}`;
  const { what, unit, detail } = found;
  const shown = (value: number): string => (unit === 'x' ? value.toFixed(2) : `${value.toFixed(1)} ${unit}`);
  const verdict = found.value <= found.goal ? 'reached' : 'missed';
  return `${what} = ${shown(found.value)} (goal ${shown(found.goal)}: ${verdict})\n    ${detail}`;
};

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
