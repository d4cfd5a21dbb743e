import { MonitorError } from '../src/errors.ts';
import { down } from './demo/down.ts';
import { endOnInterrupt, INTERRUPTED, Interrupted } from './demo/interrupt.ts';
import { ask, say } from './demo/say.ts';
import { demo } from './demo/up.ts';

const USAGE = `Usage: npm run demo             two services, and Prometheus and Grafana for them
       npm run demo -- down     takes all of it away`;

const LAST_WORDS = `
Interrupted. \`npm run demo\` continues from here; \`npm run demo -- down\` removes everything.`;

async function main(argv: readonly string[]): Promise<number> {
  const [verb, ...more] = argv;
  if (more.length > 0 || (verb !== undefined && verb !== 'down')) {
    process.stderr.write(`${USAGE}\n`);
    return verb === '--help' || verb === '-h' ? 0 : 2;
  }
  endOnInterrupt(() => say(LAST_WORDS));
  try {
    await (verb === 'down' ? down() : demo(process.stdin.isTTY ? ask : undefined));
    return 0;
  } catch (error) {
    if (error instanceof Interrupted) {
      say(LAST_WORDS);
      return INTERRUPTED;
    }
    process.stderr.write(`\n${wordsOf(error)}\n`);
    return 1;
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof MonitorError)) return error instanceof Error ? error.message : String(error);
  return [error.message, ...error.detail, ...(error.suggestion ? [error.suggestion] : [])].join('\n');
}

process.exitCode = await main(process.argv.slice(2));
