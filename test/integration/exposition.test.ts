import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseExposition } from '../../src/detect/exposition.ts';
import { connect } from '../../src/docker/connect.ts';
import type { Engine } from '../../src/docker/engine.ts';
import '../support/sandbox-context.ts';

/**
 * What is taken for metrics is what a real promtool takes for metrics. Left out is what promtool and Prometheus's own scrape
 * parser disagree on (promtool takes a timestamp with a sign and several blanks before a type; the parser takes blanks
 * behind a timestamp, labels without commas and a second TYPE line): there the scrape parser is followed.
 */
const name = `exposition-test-${randomBytes(4).toString('hex')}`;
let engine: Engine;
let id = '';

beforeAll(async () => {
  engine = await connect({ env: process.env, homedir: homedir(), platform: process.platform });
  id = await engine.createContainer({
    name,
    image: inject('images').prometheus.image,
    entrypoint: ['/bin/sh', '-c', 'trap "exit 0" TERM; while :; do sleep 0.1; done'],
    env: {},
    labels: { 'monitor.test.run': name },
    mounts: [],
    ports: [],
    network: { name: 'none', aliases: [] },
    extraHosts: [],
    restart: 'no',
    capDrop: [],
    securityOpt: [],
    logOptions: {},
  });
  await engine.startContainer(id);
});

afterAll(async () => {
  if (id !== '') await engine.removeContainer(id);
  engine.close();
});

/** 0: good; 3: good, and promtool has advice; 1: not metrics. */
const LINT = 3;

async function promtoolTakes(body: string): Promise<boolean> {
  const { exitCode, stderr } = await engine.exec(id, ['promtool', 'check', 'metrics'], { stdin: body });
  expect([0, 1, LINT], stderr).toContain(exitCode);
  return exitCode !== 1;
}

describe('what promtool takes, and nothing else', () => {
  test.each([
    'a 1\n',
    'a{b="c"} 1 1395066363000\n',
    '  a \t 1  2\n\n# a comment\n#another\n',
    'a{b="c",} 1\n',
    'a { b = "c" , d = "}{" } 1\n',
    'a{b="\\"\\\\\\n日本"} 1\n',
    'a +Inf\nb NaN\nc -5.5e-3\nd .5\ne 5.\n',
    'a-1\n',
    '# HELP a Some help.\n# TYPE a counter\na 1\n',
    '# HELP a\n# TYPE a untyped\na 1\n',
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    '# TYPE s summary\ns{quantile="0.5"} 1\ns_sum 1\ns_count 1\n',
  ])('%j', async (body) => {
    expect(parseExposition(body, 'text/plain')).toMatchObject({ ok: true });
    expect(await promtoolTakes(body)).toBe(true);
  });

  test.each([
    'a\n',
    'a one\n',
    'a 1 2 3\n',
    'a 1 1.5\n',
    'a 0x10\n',
    'a 1_0\n',
    'a 1e400\n',
    'a 1\r\n',
    '1a 1\n',
    'é 1\n',
    'a{b="c" 1\n',
    'a{b="c} 1\n',
    'a{b=c} 1\n',
    'a{b} 1\n',
    'a{b="x\ny"} 1\n',
    '{} 1\n',
    '# TYPE a number\na 1\n',
    '<html><body>hello</body></html>\n',
    '{"status":"ok"}\n',
    'hello world\n',
    'a 1 # {t="1"} 1\n',
  ])('not %j', async (body) => {
    expect(parseExposition(body, 'text/plain')).toMatchObject({ ok: false });
    expect(await promtoolTakes(body)).toBe(false);
  });
});
