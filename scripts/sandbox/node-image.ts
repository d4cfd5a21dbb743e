import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { BUSYBOX_RECIPE, ensureBusyboxImage } from './busybox-image.ts';
import { buildImage, type ImageConfig, imageExists, imageOfRecipe } from './image.ts';
import { officialImage } from './official-image.ts';
import { recipeOf } from './recipe.ts';
import { run, type Say } from './run.ts';
import { copy, type Entry, text } from './tar.ts';

const REPOSITORY = 'monitor-sandbox/node';
const NODE_IMAGE = `${REPOSITORY}:${process.version}`;
const RECIPE = recipeOf([import.meta.url], process.version, BUSYBOX_RECIPE);

/**
 * busybox with the Node that runs this, and the shared libraries it is linked against, at their places on this machine.
 * Where that Node is no Linux program, the official image of the same version.
 */
export async function ensureNodeImage(say: Say): Promise<string> {
  if ((await imageOfRecipe(REPOSITORY, RECIPE)) !== undefined) return NODE_IMAGE;
  if (process.platform !== 'linux') return fromOfficial(say);
  const from = await ensureBusyboxImage(say);
  say(`Building ${NODE_IMAGE} from ${process.execPath}.`);
  const node = copy('/usr/local/bin/node', realpathSync(process.execPath), { mode: 0o755 });
  const files = [node, ...(await sharedLibraries(process.execPath))];
  return buildImage({ name: NODE_IMAGE, from, files, workdir: '/' }, RECIPE);
}

async function fromOfficial(say: Say): Promise<string> {
  const official = `node:${process.versions.node}-alpine`;
  const from = await officialImage(official, say);
  if (from === undefined)
    throw new Error(`${NODE_IMAGE} needs ${official} on ${process.platform}, and it cannot be pulled.`);
  return buildImage({ name: NODE_IMAGE, from, files: [], workdir: '/', entrypoint: [], cmd: ['sh'] }, RECIPE);
}

/**
 * What ldd(1) lists, `libx.so => /path` or the loader's `/path` alone, and the libraries that resolve host names, which
 * an older C library loads only when they are needed.
 */
async function sharedLibraries(program: string): Promise<Entry[]> {
  const listed = [...(await run('ldd', [program])).matchAll(/(\/\S+) \(0x/g)].map((match) => String(match[1]));
  const libc = listed.find((path) => /\/libc\.so/.test(path));
  const beside = libc
    ? readdirSync(dirname(libc)).filter((file) => /^lib(nss_(dns|files)|resolv)\.so\.\d$/.test(file))
    : [];
  const paths = new Set([...listed, ...beside.map((file) => join(dirname(String(libc)), file))]);
  return [...paths].map((path) => copy(path, realpathSync(path), { mode: 0o755 }));
}

export interface NodeImage extends ImageConfig {
  /** The repository; the tag is made from the content. */
  name: string;
  /** TypeScript entry points, each bundled with all it imports into one ES module at a path of the image. */
  bundles: { entry: string; path: string }[];
  files?: Entry[];
}

/**
 * An image with Node, bundled programs and further files, tagged with a hash of all that, so that it is built only when
 * something in it changed.
 */
export async function imageFromNode(image: NodeImage, say: Say): Promise<string> {
  const { name, bundles, files = [], ...config } = image;
  const from = await ensureNodeImage(say);
  const programs = await Promise.all(bundles.map(async ({ entry, path }) => text(path, await bundle(entry))));
  const entries = [...files, ...programs];
  const tagged = `${name}:${hashOf(entries, [RECIPE, JSON.stringify(config)])}`;
  if (await imageExists(tagged)) return tagged;
  say(`Building ${tagged}.`);
  return buildImage({ ...config, name: tagged, from, files: entries });
}

/** One file without imports; the banner gives CommonJS packages inside it the `require` an ES module lacks. */
async function bundle(entry: string): Promise<string> {
  if (!existsSync(entry)) throw new Error(`${entry} does not exist, so no image can be made of it.`);
  const banner = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);";
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    banner: { js: banner },
    loader: { '.html': 'text', '.ini': 'text' },
    write: false,
    logLevel: 'silent',
  });
  return result.outputFiles[0]?.text ?? '';
}

function hashOf(entries: Entry[], more: string[]): string {
  const hash = createHash('sha256').update(more.join('\0'));
  for (const entry of entries) {
    hash.update(JSON.stringify(entry));
    if (entry.kind === 'copy') hash.update(readFileSync(entry.source));
  }
  return hash.digest('hex').slice(0, 12);
}
