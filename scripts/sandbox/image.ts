import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { dockerClient } from './client.ts';
import { cacheDir } from './paths.ts';
import { add, copy, type Entry, text, writeTar } from './tar.ts';

/** What an image is besides its files; the words are a Dockerfile's. An absent field is inherited from `from`. */
export interface ImageConfig {
  user?: string;
  workdir?: string;
  env?: Record<string, string>;
  labels?: Record<string, string>;
  expose?: number[];
  volumes?: string[];
  entrypoint?: string[];
  cmd?: string[];
}

export interface ImageSpec extends ImageConfig {
  /** `repository:tag` */
  name: string;
  from: string;
  files: Entry[];
}

/** The label that says from which recipe an image was made, for images whose tag is a version. */
const RECIPE_LABEL = 'monitor-sandbox.recipe';

/** Builds an image from `from` and one layer of files; needs no network, because nothing runs in it while it is built. */
export async function buildImage(spec: ImageSpec, recipe?: string): Promise<string> {
  mkdirSync(cacheDir(), { recursive: true });
  const dir = mkdtempSync(join(cacheDir(), 'build-'));
  try {
    const rootfs = join(dir, 'rootfs.tar');
    await writeTar(rootfs, spec.files);
    const context = pack();
    const filled = fill(context, [text('Dockerfile', dockerfile(spec)), copy('rootfs.tar', rootfs)]);
    const labels = { ...spec.labels, ...(recipe ? { [RECIPE_LABEL]: recipe } : {}) };
    const docker = await dockerClient();
    const built = docker.buildImage(Readable.from(context), { t: spec.name, rm: true, forcerm: true, labels });
    const [progress] = await Promise.all([built, filled]);
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(progress, (error) => (error ? reject(error) : resolve()));
    });
    return spec.name;
  } catch (error) {
    throw new Error(`The image ${spec.name} could not be built: ${(error as Error).message}`, { cause: error });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

export async function imageExists(name: string): Promise<boolean> {
  try {
    await (await dockerClient()).getImage(name).inspect();
    return true;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return false;
    throw error;
  }
}

/** What a command writes, run to its end in a container of an image, without a network. */
export async function outputOf(image: string, [program, ...args]: readonly [string, ...string[]]): Promise<string> {
  const docker = await dockerClient();
  const container = await docker.createContainer({
    Image: image,
    Entrypoint: [program],
    Cmd: args,
    HostConfig: { NetworkMode: 'none' },
    // One stream, without the frames that tell stdout from stderr.
    Tty: true,
  });
  try {
    await container.start();
    await container.wait();
    return (await container.logs({ stdout: true, stderr: true })).toString();
  } finally {
    await container.remove({ force: true, v: true });
  }
}

/**
 * The image of this repository made from this recipe, if the engine has it; images built on one inherit its label. Podman
 * puts a registry before each name.
 */
export async function imageOfRecipe(repository: string, recipe: string): Promise<string | undefined> {
  const filters = { label: [`${RECIPE_LABEL}=${recipe}`] };
  const images = await (await dockerClient()).listImages({ filters });
  const tags = images
    .flatMap((image) => image.RepoTags ?? [])
    .map((tag) => tag.replace(/^(localhost|docker\.io)\//, ''));
  return tags.find((tag) => tag.startsWith(`${repository}:`));
}

async function fill(context: ReturnType<typeof pack>, entries: Entry[]): Promise<void> {
  for (const entry of entries) await add(context, entry);
  context.finalize();
}

/** ADD of a tar keeps every owner and mode; an instruction with a JSON array runs without a shell. */
function dockerfile(spec: ImageSpec): string {
  const env = Object.entries(spec.env ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const lines = [
    `FROM ${spec.from}`,
    'ADD rootfs.tar /',
    env.length > 0 && `ENV ${env.join(' ')}`,
    spec.workdir && `WORKDIR ${spec.workdir}`,
    spec.user && `USER ${spec.user}`,
    spec.expose && `EXPOSE ${spec.expose.join(' ')}`,
    spec.volumes && `VOLUME ${JSON.stringify(spec.volumes)}`,
    spec.entrypoint && `ENTRYPOINT ${JSON.stringify(spec.entrypoint)}`,
    spec.cmd && `CMD ${JSON.stringify(spec.cmd)}`,
  ];
  return `${lines.filter(Boolean).join('\n')}\n`;
}
