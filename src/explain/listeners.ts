/** A TCP port that something listens on. */
export interface Listener {
  port: number;
  /**
   * `any`: all addresses; `any-ipv6`: all of IPv6, and, unless the program forbids it, of IPv4 too; `loopback`: only from
   * inside; else the one address.
   */
  on: 'any' | 'any-ipv6' | 'loopback' | { address: string };
}

/** The engine's own name server inside a container's network. Source: moby's libnetwork, resolver.go. */
const ENGINE_DNS = '127.0.0.11';

/** `TCP_LISTEN` of the kernel's include/net/tcp_states.h, as the table writes it. */
const LISTEN = '0A';

/**
 * Who listens, by `/proc/net/tcp` and `/proc/net/tcp6` one behind the other. Pure; lines that are none are passed over.
 * Source: the kernel's Documentation/networking/proc_net_tcp.rst; addresses are 32-bit words in the machine's byte order,
 * which is little-endian on all that Docker runs on but s390x.
 */
export const readListeners = (text: string): Listener[] => {
  const found = new Map<string, Listener>();
  for (const line of text.split('\n')) {
    const match = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} ([0-9A-F]{2}) /.exec(line);
    const [, address = '', port = '', state] = match ?? [];
    if (state !== LISTEN) continue;
    const listener = listenerOf(address, Number.parseInt(port, 16));
    if (listener !== undefined) found.set(JSON.stringify(listener), listener);
  }
  const all = [...found.values()];
  const onAny = new Set(all.filter((l) => l.on === 'any').map((l) => l.port));
  return all.filter((l) => l.on !== 'any-ipv6' || !onAny.has(l.port)).sort((a, b) => a.port - b.port);
};

const listenerOf = (hex: string, port: number): Listener | undefined => {
  const words = (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).reverse().join(''));
  const bytes = words.join('');
  const v4 = bytes.length === 8 ? bytes : /^0{20}FFFF(.{8})$/.exec(bytes)?.[1];
  if (/^0*$/.test(bytes)) return { port, on: bytes.length === 8 ? 'any' : 'any-ipv6' };
  if (v4 === undefined) {
    if (/^0*1$/.test(bytes)) return { port, on: 'loopback' };
    return { port, on: { address: `[${(bytes.toLowerCase().match(/.{4}/g) ?? []).join(':')}]` } };
  }
  const address = (v4.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.');
  if (address === ENGINE_DNS) return undefined;
  return { port, on: address.startsWith('127.') ? 'loopback' : { address } };
};
