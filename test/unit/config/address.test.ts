import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { formatAddress, isOwnMachine, parseAddress } from '../../../src/config/address.ts';
import { MonitorError } from '../../../src/errors.ts';
import { failureOf } from './support.ts';

/** Many runs of one property take seconds on a busy machine. */
vi.setConfig({ testTimeout: 30_000 });

describe('parseAddress', () => {
  it.each([
    ['events:9100', 'events', 9100],
    ['my_app-1.internal:1', 'my_app-1.internal', 1],
    ['Events:65535', 'Events', 65_535],
    ['10.0.0.1:80', '10.0.0.1', 80],
    ['localhost:3001', 'localhost', 3001],
    ['[::1]:9100', '::1', 9100],
    ['[2001:db8::a]:9100', '2001:db8::a', 9100],
    ['example.com.:443', 'example.com.', 443],
    ['host:0080', 'host', 80],
  ])('%s', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
  });

  it.each<[text: string, problem: RegExp, suggestion?: string]>([
    ['', /empty/],
    ['events', /no port/],
    ['events:', /no port/],
    [':9100', /no host/],
    ['9100', /no host/],
    ['events:0', /from 1 to 65535, not "0"/],
    ['events:70000', /from 1 to 65535/],
    ['events:999999999999999999999', /from 1 to 65535/],
    ['events:http', /must be a number, not "http"/],
    ['events:-1', /must be a number/],
    ['events:9100 ', /a space/, 'write: monitor add-target events:9100'],
    ['events: 9100', /a space/, 'write: monitor add-target events:9100'],
    ['events\n:9100', /a space/, 'write: monitor add-target events:9100'],
    ['events\u200b:9100', /only ASCII letters .*: write events/],
    ['http://events:9100', /leave out `http:\/\/`/, 'write: monitor add-target events:9100'],
    ['http://events:9100/metrics', /leave out/, 'write: monitor add-target events:9100'],
    ['https://events/a/b', /leave out/, 'write: monitor add-target events:443 --scheme https --metrics-path /a/b'],
    ['HTTPS://events:1/', /leave out/, 'write: monitor add-target events:1 --scheme https'],
    ['tcp://events:9100', /http and https, not tcp/],
    ['events:9100/prom', /a path/, 'write: monitor add-target events:9100 --metrics-path /prom'],
    ["events:9100/it's", /a path/, `write: monitor add-target events:9100 --metrics-path '/it'\\''s'`],
    ['events:9100?a=b', /query/],
    ['events/x', /a path/],
    ['me:secret@events:9100', /basic_auth/],
    ['::1:9100', /brackets/, 'write: monitor add-target [::1]:9100'],
    ['::1', /no port/, 'write: monitor add-target [::1]:9100'],
    ['[::1]', /no port/, 'write: monitor add-target [::1]:9100'],
    ['2001:db8:0:0:0:0:0:1:9100', /brackets/, 'write: monitor add-target [2001:db8:0:0:0:0:0:1]:9100'],
    ['[::1%eth0]:9100', /not an IPv6 address/],
    ['[events]:9100', /not an IPv6 address/],
    ['[::]:9100', /write localhost/],
    ['0.0.0.0:9100', /write localhost/],
    ['*:9100', /`\*` is not allowed/],
    ['300.1.1.1:9100', /not an IPv4 address/],
    ['1.2.3:9100', /not an IPv4 address/],
    ['a:b:9100', /too many colons/],
    ['bücher:9100', /only ASCII letters .*: write xn--bcher-kva/],
    ['a..b:1', /not a host name/],
    ['-a:1', /not a host name/],
    [`${'a'.repeat(64)}:1`, /not a host name/],
    ['a$b:1', /`\$` is not allowed/],
    ['x'.repeat(5000), /too long/],
  ])('%j is refused', (text, problem, suggestion) => {
    const error = failureOf(() => parseAddress(text));
    expect(error).toMatchObject({ code: 'invalid-address', exitCode: 2 });
    expect(error.message).toMatch(problem);
    expect(error.suggestion).toBe(suggestion ?? 'write HOST:PORT, such as events:9100');
  });

  it('does not repeat a password', () => {
    expect(failureOf(() => parseAddress('http://me:hunter2@events:9100')).message).not.toContain('hunter2');
  });

  it('reads or refuses any text, and reads back what it formats', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.ipV6(), fc.domain()), (text) => {
        try {
          const address = parseAddress(text);
          expect(parseAddress(formatAddress(address))).toEqual(address);
        } catch (error) {
          expect(error).toBeInstanceOf(MonitorError);
        }
      }),
    );
  });

  it('suggests only commands that it would accept', () => {
    const wrong = fc.tuple(
      fc.constantFrom('http://', 'https://', ''),
      fc.oneof(fc.domain(), fc.ipV6()),
      fc.constantFrom('', ':80', '/x'),
    );
    fc.assert(
      fc.property(wrong, (parts) => {
        try {
          parseAddress(parts.join(''));
        } catch (error) {
          if (!(error instanceof MonitorError)) throw error;
          const suggested = /add-target (\S+)/.exec(error.suggestion ?? '')?.[1];
          if (suggested !== undefined) expect(() => parseAddress(suggested)).not.toThrow();
        }
      }),
    );
  });
});

describe('isOwnMachine', () => {
  it.each(['localhost', 'LOCALHOST', 'localhost.', '127.0.0.1', '127.8.9.1', '::1', '[::1]', '0:0:0:0:0:0:0:1'])(
    '%s',
    (host) => {
      expect(isOwnMachine(host)).toBe(true);
    },
  );

  it.each(['events', '128.0.0.1', '10.0.0.1', '127.example.com', '::', '::2', '1::1', 'localhost.example.com'])(
    'not %s',
    (host) => {
      expect(isOwnMachine(host)).toBe(false);
    },
  );
});
