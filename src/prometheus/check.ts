import { type CreateContainer, type Engine, EngineError } from '../docker/engine.ts';
import { isMissingProgram } from '../docker/exec.ts';
import { MonitorError, mistake } from '../errors.ts';
import { insteadOf, namedFiles, readableForAll } from './named-files.ts';
import { configsIn } from './read-config.ts';

const DIRECTORY = '/etc/prometheus';
/** Beside the real one, so that relative paths in it lead to the same files. */
const CANDIDATE_PATH = `${DIRECTORY}/prometheus.candidate.yml`;
const COMMAND = ['/bin/promtool', 'check', 'config', CANDIDATE_PATH];

/**
 * Has a rendered text judged by the promtool of a running container. Fails with `config-refused`, naming the line.
 * The file in place is not touched.
 */
export const checkInContainer = async (engine: Engine, container: string, text: string): Promise<void> => {
  await engine.putFiles(container, [candidate(text)]);
  const result = await engine.exec(container, COMMAND);
  if (result.exitCode === 126 || result.exitCode === 127) throw notPrometheus(`Container ${container}`, result.stderr);
  judge(result.exitCode, `${result.stderr}\n${result.stdout}`, text, container);
};

interface ImageCheck extends Pick<CreateContainer, 'image' | 'mounts' | 'labels'> {
  text: string;
}

/**
 * The same by a container made from the image for the purpose, without a network, and removed again. Files that the text
 * names are looked for on its volumes, which are mounted read-only.
 */
export const checkWithImage = async (
  engine: Engine,
  { image, mounts, labels, text }: ImageCheck,
  signal?: AbortSignal,
): Promise<void> => {
  const id = await engine.createContainer({
    name: `monitor-check-${process.pid}-${Date.now().toString(36)}`,
    image,
    entrypoint: ['/bin/promtool'],
    command: COMMAND.slice(1),
    env: {},
    labels,
    mounts: mounts.map((mount) => ({ ...mount, readOnly: true })),
    ports: [],
    network: { name: 'none', aliases: [] },
    extraHosts: [],
    restart: 'no',
    capDrop: ['ALL'],
    securityOpt: ['no-new-privileges'],
    logOptions: {},
  });
  try {
    await engine.putFiles(id, [candidate(text)]);
    await engine.startContainer(id).catch((error: unknown) => {
      const isMissing = error instanceof EngineError && isMissingProgram(error.message);
      throw isMissing ? notPrometheus(`Image ${image}`, error.message) : error;
    });
    const exitCode = await waitFor(engine, id, image, signal);
    const words = exitCode === 0 ? [] : await engine.logs(id, 50);
    judge(exitCode, words.join('\n'), text);
  } finally {
    await engine.removeContainer(id);
  }
};

/** Milliseconds; promtool takes a fraction of a second for what monitor.yml can hold. */
const PATIENCE_MS = 60_000;

const waitFor = async (engine: Engine, id: string, image: string, signal?: AbortSignal): Promise<number> => {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    return await engine.waitContainer(id, signal === undefined ? patience : AbortSignal.any([signal, patience]));
  } catch (error) {
    if (!patience.aborted || signal?.aborted === true) throw error;
    throw new MonitorError({
      code: 'check-timeout',
      message: `promtool in a container of ${image} did not finish checking prometheus.yml within ${PATIENCE_MS / 1000} s`,
      suggestion: 'see whether `docker ps` answers and the machine has memory left, and run `monitor up` again',
      cause: error,
    });
  }
};

const candidate = (content: string) => ({ path: CANDIDATE_PATH, content, mode: 0o644, uid: 0, gid: 0 });

const notPrometheus = (what: string, words: string): MonitorError =>
  new MonitorError({
    code: 'not-prometheus',
    message: `${what} has no ${COMMAND[0]}: it is not a Prometheus image`,
    detail: [words.trim()],
    suggestion: 'set prometheus.image in monitor.yml to one that is, such as the default that `monitor init` writes',
  });

const judge = (exitCode: number, words: string, text: string, container = 'CONTAINER'): void => {
  if (exitCode === 0) return;
  throw mistake({
    code: 'config-refused',
    message: 'Prometheus would refuse the rendered prometheus.yml; the running one is left as it is',
    detail: [...complaints(words), ...quoteLines(words, text)],
    suggestion:
      aboutFile(words, text, container) ??
      'correct `scrape_configs` (or the target) in monitor.yml; `monitor render` prints the whole file',
  });
};

/** promtool looks for some of the files that a job names, in its container. */
const aboutFile = (words: string, text: string, container: string): string | undefined => {
  const unread = /open (\S+): permission denied/.exec(words)?.[1];
  if (unread !== undefined) return `${readableForAll(container, unread)}, then \`monitor up\``;
  const address = /"([^"]+)" is not a valid hostname/.exec(words)?.[1];
  if (address !== undefined) {
    const job = configsIn(text).find((config) => JSON.stringify(config).includes(JSON.stringify(address)))?.job_name;
    return `${job === undefined ? '' : `in the job "${job}", `}write each target as HOST:PORT: its \`scheme\` and \`metrics_path\` are keys of the job`;
  }
  const path = /(?:stat|open) (\S+): no such file or directory/.exec(words)?.[1];
  const file = namedFiles(configsIn(text)).find((named) => named.path === path);
  return file && `${file.path} is not in the container of Prometheus: ${insteadOf(file, { container, version: '' })}`;
};

/** promtool's own words, without its progress lines and with the file's real name. */
const complaints = (words: string): string[] =>
  words
    .replaceAll(CANDIDATE_PATH, 'prometheus.yml')
    .split('\n')
    .map((line) => line.replace(/^\s*FAILED:\s*/, '').trimEnd())
    .filter((line) => line.trim() !== '' && !/^Checking |^\s*SUCCESS/.test(line));

/** The rendered lines that a complaint names by number. */
const quoteLines = (words: string, text: string): string[] => {
  const lines = text.split('\n');
  const numbers = new Set([...words.matchAll(/\bline (\d+)/g)].map(([, n]) => Number(n)));
  return [...numbers]
    .filter((n) => lines[n - 1] !== undefined)
    .map((n) => `prometheus.yml:${n}: ${lines[n - 1]?.trim()}`);
};
