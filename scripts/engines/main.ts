import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureEngine, isDebian, isInstalled } from '../sandbox/engine.ts';
import { ensureImages } from '../sandbox/images.ts';
import { withLock } from '../sandbox/lock.ts';
import { run } from '../sandbox/run.ts';
import { SERVICE_RECIPES, type ServiceKind } from '../sandbox/service-recipes.ts';
import { ensureServiceImage } from '../sandbox/services.ts';
import { ENGINES, type EngineName, type RunningEngine, startEngine } from './engine.ts';
import { engineRoot } from './rootfs.ts';

const USAGE = `npm run test:engines -- [${Object.keys(ENGINES).join('|')}]... [TEST FILE]...`;

const say = (line: string) => void process.stderr.write(`${line}\n`);
const isService = (word: string): word is ServiceKind => Object.hasOwn(SERVICE_RECIPES, word);
const isEngine = (word: string): word is EngineName => Object.hasOwn(ENGINES, word);

/** Runs the engine tests on each engine; the exit code is 1 where a test fails. */
async function main(args: string[]): Promise<void> {
  const names = args.filter(isEngine);
  const files = args.filter((word) => !isEngine(word));
  const unknown = files.find((file) => !existsSync(file));
  if (unknown) throw new Error(`${unknown} is neither an engine nor a test file: ${USAGE}`);
  const obstacle = whyNotHere();
  if (obstacle) throw new Error(`Debian's engines cannot be started here: ${obstacle}`);
  const root = await engineRoot(say);
  const folder = mkdtempSync(join(tmpdir(), 'monitor-engines-'));
  try {
    const images = await saveImages(join(folder, 'images.tar'));
    const results: string[] = [];
    for (const name of names.length > 0 ? names : Object.keys(ENGINES).filter(isEngine)) {
      results.push(await withLock(`engine-${name}`, () => testOn(name, root, images, files)));
    }
    say(results.join('\n'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function whyNotHere(): string | undefined {
  if (process.platform !== 'linux' || !isDebian()) return 'this is not Debian.';
  if (process.getuid?.() !== 0) return `only root can start them (this is uid ${process.getuid?.()}).`;
  if (!isInstalled('debootstrap')) return 'debootstrap is not installed: `apt-get install debootstrap`.';
  return undefined;
}

interface SavedImages {
  tar: string;
  /** Names them for the tests. */
  env: NodeJS.ProcessEnv;
}

/** The images that the tests start, made by the machine's own engine: one that is started here reaches no registry. */
async function saveImages(tar: string): Promise<SavedImages> {
  const { dockerHost } = await ensureEngine(say);
  if (dockerHost) process.env.DOCKER_HOST = dockerHost;
  const { prometheus, grafana, node, busybox } = await ensureImages({ say });
  const services: string[] = [];
  for (const kind of Object.keys(SERVICE_RECIPES).filter(isService)) services.push(await ensureServiceImage(kind, say));
  await run('docker', ['save', '--output', tar, prometheus.image, grafana.image, node, busybox, ...services]);
  return { tar, env: { PROMETHEUS_IMAGE: prometheus.image, GRAFANA_IMAGE: grafana.image } };
}

async function testOn(name: EngineName, root: string, images: SavedImages, files: string[]): Promise<string> {
  const engine = await startEngine(name, root);
  try {
    const env = { ...process.env, ...images.env, DOCKER_HOST: engine.host };
    await run('docker', ['load', '--input', images.tar], { env });
    const version = await run('docker', ['version', '--format', '{{(index .Server.Components 0).Version}}'], { env });
    say(`\n== ${name}: ${version.trim()}`);
    return `${name} ${version.trim()}: ${await runTests(engine, env, files)}`;
  } finally {
    await engine.stop();
  }
}

/** Runs vitest where the engine's published ports are; the counts. */
async function runTests({ inside, host }: RunningEngine, env: NodeJS.ProcessEnv, files: string[]): Promise<string> {
  const results = join(dirname(host.replace('unix://', '')), 'results.json');
  const chosen = files.length > 0 ? files : ['--exclude', 'test/e2e/package.test.ts'];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const args = [...inside.slice(1), 'node_modules/.bin/vitest', 'run', '--project', 'engine', '--project', 'alone'];
  const tests = spawn(String(inside[0]), [...args, ...reporters, ...chosen], { stdio: 'inherit', env });
  const [code] = await once(tests, 'exit');
  if (code !== 0) process.exitCode = 1;
  if (!existsSync(results)) return 'the tests broke off';
  const counts: Counts = JSON.parse(readFileSync(results, 'utf8'));
  return `${counts.numPassedTests} passed, ${counts.numFailedTests} failed, ${counts.numPendingTests} skipped`;
}

interface Counts {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
}

main(process.argv.slice(2)).catch((error: Error) => {
  say(error.message);
  process.exitCode = 1;
});
