import { codeOf, errorText, MonitorError } from '../errors.ts';
import type { Candidate } from './candidates.ts';

/** A place where no engine answered, and why. */
export interface Attempt {
  candidate: Candidate;
  error: unknown;
}

/** One error for everything that was tried. `others`: contexts that are stored and were not chosen. */
export function noEngine(
  attempts: readonly Attempt[],
  others: readonly string[],
  chosen: boolean,
  platform: NodeJS.Platform,
): MonitorError {
  const [first] = attempts;
  const lines = attempts.map(({ candidate, error }) => `${candidate.host} (${candidate.source}): ${reason(error)}`);
  const names = others.map((name) => `"${name}"`).join(', ');
  return new MonitorError({
    code: 'no-engine',
    message:
      chosen && first ? `Cannot connect to the Docker engine of ${first.candidate.source}` : 'No Docker engine found',
    detail: others.length > 0 ? [...lines, `not tried: context ${names} (choose one with --context)`] : lines,
    suggestion: suggestion(attempts, chosen ? first : undefined, platform),
    cause: first?.error,
  });
}

const REASONS: Record<string, string> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied: add yourself to the docker group (`sudo usermod -aG docker $USER`, then log in again)',
  EPERM: 'permission denied',
  ECONNREFUSED: 'connection refused (is the daemon running?)',
  ECONNRESET: 'the connection was closed before an answer came',
  EPIPE: 'the connection was closed before an answer came',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'the host name cannot be resolved (is there a network?)',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ENOTSOCK: 'not a socket',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS: its certificate is self-signed and not trusted by ca.pem',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS: its certificate is not trusted by ca.pem',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'TLS: its certificate is not trusted by ca.pem',
  CERT_HAS_EXPIRED: 'TLS: its certificate has expired',
};

/** Why a place did not answer, for a person. */
export function reason(error: unknown): string {
  const message = errorText(error);
  const code = codeOf(error);
  if (message.includes('HTTP request to an HTTPS server')) {
    return 'it speaks TLS: set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of its certificates';
  }
  // ssh puts its own words into the message, and they say more than the code.
  if (message.startsWith('ssh ')) return message;
  if (/wrong version number/i.test(message)) return 'TLS: it does not speak TLS (unset DOCKER_TLS_VERIFY?)';
  if (code === 'EPROTO' || /^ERR_(TLS|SSL)/.test(code)) return `TLS: ${message.trim()}`;
  return REASONS[code] ?? message;
}

function suggestion(attempts: readonly Attempt[], chosen: Attempt | undefined, platform: NodeJS.Platform): string {
  const isDenied = (chosen ? [chosen] : attempts).some(({ error }) => codeOf(error) === 'EACCES');
  if (isDenied && platform === 'linux') return 'run `sudo usermod -aG docker $USER`, then log in again';
  if (chosen?.candidate.source === 'DOCKER_HOST') return 'start that engine, or unset DOCKER_HOST';
  if (chosen) return 'start that engine, or switch to another one: `docker context ls`, `docker context use <name>`';
  if (platform === 'darwin') return 'start Docker Desktop, OrbStack, Rancher Desktop or Colima (`colima start`)';
  if (platform === 'win32') return 'start Docker Desktop';
  return 'start Docker (`sudo systemctl start docker`), or install it: https://docs.docker.com/engine/install/';
}
