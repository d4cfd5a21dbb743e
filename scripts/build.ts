import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { jsonSchema } from './json-schema.ts';
import { thirdPartyLicenses } from './licenses.ts';

/**
 * Bundles the program with all that it needs into dist/, and writes the JSON Schema and the licences of what is
 * bundled. Two files: what answers `--version` and loads the other one from its cache, and all the rest, in which a
 * module still runs when it is first imported. As CommonJS, which Node loads faster than modules (up to a tenth of the
 * time of a short command), and which alone can be loaded with code that was compiled before.
 */

const root = new URL('..', import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

const EMPTY = 'module.exports = {};';

/**
 * What dockerode and docker-modem load and this program never calls: BuildKit sessions (with gRPC), archives of build
 * contexts, docker-modem's own ssh, its bundles of certificates and its debugging output, for which it formats each
 * request. Each with what stands in.
 */
const UNUSED: Record<string, string> = {
  'dockerode ./session': EMPTY,
  'dockerode ./buildkit': EMPTY,
  'dockerode tar-fs': EMPTY,
  'dockerode @balena/dockerignore': EMPTY,
  'docker-modem ./ssh': EMPTY,
  'docker-modem split-ca': EMPTY,
  'docker-modem debug': 'module.exports = () => () => {};',
  'docker-modem util': "module.exports = { inherits: require('node:util').inherits, inspect: () => '' };",
  // A copy of Node's own streams, for other runtimes.
  'docker-modem readable-stream': "module.exports = require('node:stream');",
};

const leaveOutUnused: Plugin = {
  name: 'leave-out-unused',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /.*/ }, ({ path, importer }) => {
      const owner = /\/node_modules\/(dockerode|docker-modem)\/lib\//.exec(importer)?.[1];
      const unused = `${owner} ${path}`;
      return UNUSED[unused] === undefined ? undefined : { path: unused, namespace: 'unused' };
    });
    onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({ contents: UNUSED[path] ?? EMPTY }));
  },
};

rmSync(join(root, 'dist'), { recursive: true, force: true });
const shared = {
  outdir: join(root, 'dist'),
  outExtension: { '.js': '.cjs' },
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // Names stay, for the stack trace of an error that is shown with --verbose.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  plugins: [leaveOutUnused],
  logLevel: 'warning',
} satisfies BuildOptions;

const program = await build({ ...shared, entryPoints: { program: join(root, 'src/cli/run-program.ts') } });
const bytes = readFileSync(join(root, 'dist/program.cjs'));
// It is read as Latin-1 (src/cli/code-cache.ts); esbuild escapes all but regular expressions.
if (bytes.some((byte) => byte > 127))
  throw new Error('dist/program.cjs is not ASCII: escape it in the regular expression');
const main = await build({
  ...shared,
  entryPoints: { main: join(root, 'src/main.ts') },
  define: {
    MONITOR_VERSION: JSON.stringify(version),
    MONITOR_BUILD: JSON.stringify(createHash('sha256').update(bytes).digest('hex').slice(0, 16)),
  },
});

mkdirSync(join(root, 'schema'), { recursive: true });
writeFileSync(join(root, 'schema/monitor.schema.json'), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
writeFileSync(
  join(root, 'THIRD_PARTY_LICENSES.md'),
  thirdPartyLicenses(
    Object.keys({ ...program.metafile.inputs, ...main.metafile.inputs }).filter((path) => !path.startsWith('unused:')),
  ),
);
