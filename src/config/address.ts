import { isIP, isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { mistake } from '../errors.ts';
import { quoted, shellWord } from '../words.ts';

export interface Address {
  /** A host name or an IP address, without brackets. */
  host: string;
  /** 1 to 65535. */
  port: number;
}

/** What `readAddress` answers: the address, or what is wrong with the text and what to write instead. */
export type AddressReading = { address: Address } | { problem: string; instead?: Instead };

/** The corrected address, with the options that carry what does not belong in it. */
export interface Instead {
  address: string;
  scheme?: string;
  metricsPath?: string;
}

export type AddressVerb = 'add-target' | 'remove-target';

/**
 * `HOST:PORT` as an address.
 * @throws MonitorError `invalid-address`, with the corrected command where there is one.
 */
export function parseAddress(text: string, verb: AddressVerb = 'add-target'): Address {
  const reading = readAddress(text);
  if ('address' in reading) return reading.address;
  const { problem, instead } = reading;
  throw mistake({
    code: 'invalid-address',
    message: `${quoted(withoutPassword(text))} is not a valid target address: ${problem}`,
    suggestion: instead === undefined ? 'write HOST:PORT, such as events:9100' : correctedCommand(verb, instead),
  });
}

/** `host:port`, an IPv6 address in brackets. */
export const formatAddress = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Whether `host` (with or without brackets) means this machine itself. */
export function isOwnMachine(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  if (isIPv4(bare)) return bare.startsWith('127.');
  return bare === 'localhost' || bare === 'localhost.' || (isIPv6(bare) && /^[0:]*:0*1$/.test(bare));
}

/** `HOST:PORT`, read without throwing. */
export function readAddress(text: string): AddressReading {
  if (text === '') return { problem: 'it is empty' };
  if (text.length > 300) return { problem: 'it is too long' };
  if (/\s/.test(text)) return { problem: 'it contains a space', instead: insteadIfGood(text.replace(/\s+/g, '')) };
  if (text.includes('@'))
    return { problem: 'it contains a user name; put a target with a login under `scrape_configs`, with `basic_auth`' };
  return readUrlParts(text) ?? readHostAndPort(text);
}

/** The parts of a pasted URL that do not belong in an address: a scheme, a path, a query. */
function readUrlParts(text: string): AddressReading | undefined {
  const match = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):\/\/)?([^/?#]*)([^?#]*)(.*)$/.exec(text);
  const [, scheme, rest = '', path = '', query = ''] = match ?? [];
  if (scheme === undefined && path === '' && query === '') return undefined;
  if (scheme !== undefined && !/^https?$/i.test(scheme))
    return { problem: `Prometheus scrapes http and https, not ${scheme}` };
  if (query !== '')
    return { problem: 'a query or fragment does not belong in it; put `params` under `scrape_configs`' };
  const isHttps = scheme?.toLowerCase() === 'https';
  const needsPort = scheme !== undefined && 'address' in readHostAndPort(`${rest}:1`);
  return {
    problem: scheme === undefined ? 'a path does not belong in it' : `leave out \`${scheme}://\``,
    instead: insteadIfGood(needsPort ? `${rest}:${isHttps ? 443 : 80}` : rest, {
      scheme: isHttps ? 'https' : undefined,
      metricsPath: ['', '/', '/metrics'].includes(path) ? undefined : path,
    }),
  };
}

function insteadIfGood(text: string, options: Omit<Instead, 'address'> = {}): Instead | undefined {
  const reading = /[/@?#]/.test(text) ? { problem: '' } : readHostAndPort(text);
  return 'address' in reading ? { address: formatAddress(reading.address), ...options } : undefined;
}

function readHostAndPort(text: string): AddressReading {
  const bare = text.replace(/^\[(.*)\]$/, '$1');
  if (isIPv6(bare)) return bareIPv6(bare, text);
  const match = /^(\[[^\]]*\]|[^[\]]*):([^:[\]]*)$/.exec(text);
  if (match === null) return { problem: /^\d+$/.test(text) ? 'it has no host' : 'it has no port' };
  const [, host = '', port = ''] = match;
  const problem = hostProblem(host) ?? portTextProblem(port);
  if (problem === undefined) return { address: { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) } };
  return { problem, instead: isIPv6(host) ? insteadIfGood(`[${host}]:${port}`) : undefined };
}

/** `::1:9100` is an IPv6 address as it stands; a last group that can be a port is read as one. */
function bareIPv6(bare: string, text: string): AddressReading {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(bare) ?? [];
  if (bare === text && isIPv6(host))
    return { problem: 'an IPv6 address goes in brackets', instead: insteadIfGood(`[${host}]:${port}`) };
  return { problem: 'it has no port, and an IPv6 address goes in brackets', instead: insteadIfGood(`[${bare}]:9100`) };
}

function hostProblem(host: string): string | undefined {
  if (host === '') return 'it has no host';
  if (host.startsWith('[')) return bracketedProblem(host.slice(1, -1));
  if (host.includes(':')) return isIPv6(host) ? 'an IPv6 address goes in brackets' : 'it has too many colons';
  if (host === '0.0.0.0') return '0.0.0.0 is an address to listen on: write localhost';
  if (/^[\d.]+$/.test(host)) return isIP(host) === 4 ? undefined : `${quoted(host)} is not an IPv4 address`;
  return nameProblem(host);
}

function bracketedProblem(inner: string): string | undefined {
  if (!isIPv6(inner) || inner.includes('%')) return `${quoted(inner)} is not an IPv6 address`;
  return /^[0:]+$/.test(inner) ? '[::] is an address to listen on: write localhost' : undefined;
}

/** A DNS name, or a container's: those may have an underscore. */
function nameProblem(host: string): string | undefined {
  if (/[^\x21-\x7e]/.test(host)) {
    const ascii = domainToASCII(host);
    return `only ASCII letters are allowed in a host name${ascii === '' ? '' : `: write ${ascii}`}`;
  }
  const wrong = /[^A-Za-z0-9_.-]/.exec(host)?.[0];
  if (wrong !== undefined) return `\`${wrong}\` is not allowed in a host name`;
  const labels = host.replace(/\.$/, '').split('.');
  const isLabel = (label: string) => label.length <= 63 && /^[A-Za-z0-9_]/.test(label) && !label.endsWith('-');
  return host.length <= 253 && labels.every(isLabel) ? undefined : `${quoted(host)} is not a host name`;
}

function portTextProblem(port: string): string | undefined {
  if (port === '') return 'it has no port';
  if (!/^\d+$/.test(port)) return `the port must be a number, not ${quoted(port)}`;
  return Number(port) >= 1 && Number(port) <= 65_535
    ? undefined
    : `the port must be from 1 to 65535, not ${quoted(port)}`;
}

function correctedCommand(verb: AddressVerb, { address, scheme, metricsPath }: Instead): string {
  if (verb === 'remove-target') return `write: monitor remove-target ${address}`;
  const options = `${scheme ? ` --scheme ${scheme}` : ''}${metricsPath ? ` --metrics-path ${shellWord(metricsPath)}` : ''}`;
  return `write: monitor add-target ${address}${options}`;
}

const withoutPassword = (text: string): string => text.replace(/:[^:@/]*@/g, ':…@');
