import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { startDockerd, stopDockerd } from './dockerd.ts';
import { DEFAULT_HOST, DEFAULT_SOCKET, engineAddress, whyNoAnswer } from './engine-address.ts';
import { withLock } from './lock.ts';
import { environment, lastLines, type Say, tryRun } from './run.ts';

export interface Engine {
  /** What DOCKER_HOST must be for programs that know neither contexts nor this engine; absent for the default socket. */
  dockerHost?: string;
  /** Whether this call started it. */
  started: boolean;
}

/**
 * A Docker engine that answers: the one the docker CLI would use, or, for root on Debian, one that is installed with
 * apt and started here. `ask` is given where a person can answer; without it, installing and starting go ahead.
 *
 * @throws Error that says what to do, when no engine answers and none can be started here.
 */
export async function ensureEngine(say: Say, ask?: (question: string) => Promise<boolean>): Promise<Engine> {
  const host = await engineAddress();
  const silence = await whyNoAnswer(host);
  if (silence === undefined) return answering(host, false);
  if (!isDefault(host)) throw new Error(chosenEngineIsSilent(host, silence));
  if (silence.includes('EACCES'))
    throw new Error(`${silence}: an engine is there, but this user may not use it. Join the group docker.`);
  const obstacle = whyNotHere();
  if (obstacle) throw new Error(`No Docker engine answers on ${host} (${silence}), and ${obstacle}`);
  return withLock('engine', async () => {
    if ((await whyNoAnswer(DEFAULT_HOST)) === undefined) return answering(host, false);
    await installAndStart(say, ask);
    return answering(host, true);
  });
}

/** Stops the engine if `ensureEngine` started it; says whether it did. */
export async function stopEngine(): Promise<boolean> {
  return stopDockerd();
}

async function installAndStart(say: Say, ask?: (question: string) => Promise<boolean>): Promise<void> {
  const missing = ['dockerd', 'iptables'].some((program) => !isInstalled(program));
  const plan = missing ? 'install docker.io and iptables with apt-get, and start dockerd' : 'start dockerd';
  if (ask && !(await ask(`No Docker engine answers here. Shall I ${plan}?`))) {
    throw new Error('No Docker engine: start one, or set DOCKER_HOST to one that runs, and try again.');
  }
  say(`No Docker engine answers here: I ${plan}.`);
  if (missing) await installDocker();
  await startDockerd();
  say(`dockerd answers on ${DEFAULT_SOCKET} and keeps running.`);
}

/** The package lists may be missing or too old; they are fetched only when the installation fails without. */
async function installDocker(): Promise<void> {
  const options = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  const install = () => tryRun('apt-get', ['install', ...options, 'docker.io', 'iptables'], NONINTERACTIVE);
  if ((await install()).code === 0) return;
  const update = await tryRun('apt-get', ['update'], NONINTERACTIVE);
  const second = await install();
  if (second.code === 0) return;
  const output = update.code === 0 ? second.output : update.output;
  throw new Error(`apt-get could not install docker.io and iptables:\n${lastLines(output, 15)}`);
}

const NONINTERACTIVE = { env: { DEBIAN_FRONTEND: 'noninteractive' } };

function answering(host: string, started: boolean): Engine {
  return isDefault(host) ? { started } : { dockerHost: host, started };
}

function isDefault(host: string): boolean {
  return host === DEFAULT_HOST || host === 'unix:///run/docker.sock';
}

function chosenEngineIsSilent(host: string, why: string): string {
  const source = process.env.DOCKER_HOST ? 'DOCKER_HOST' : 'the current docker context';
  return `The engine at ${host} (from ${source}) does not answer: ${why}\nStart it, or unset ${source} to use ${DEFAULT_SOCKET}.`;
}

/** Why this process cannot install and start an engine on this machine, with what a person can do instead. */
function whyNotHere(): string | undefined {
  const advice = 'Start Docker (or a compatible engine), or set DOCKER_HOST to one that runs.';
  if (process.platform !== 'linux') return `none can be started from here on ${process.platform}. ${advice}`;
  if (process.getuid?.() !== 0) return `only root can start one (this is uid ${process.getuid?.()}). ${advice}`;
  if (!isInstalled('dockerd') && !isDebian()) {
    return `dockerd is not installed and this is not Debian. ${advice}`;
  }
  return undefined;
}

export function isDebian(): boolean {
  try {
    return /^ID(_LIKE)?=.*\bdebian\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

export function isInstalled(program: string): boolean {
  return (environment().PATH ?? '').split(delimiter).some((dir) => dir !== '' && existsSync(join(dir, program)));
}
