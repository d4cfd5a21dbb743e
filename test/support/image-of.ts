import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { docker } from './engine-view.ts';

/** Builds an image of a Dockerfile and files beside it; needs no network where the Dockerfile does not. */
export const imageOf = async (
  name: string,
  dockerfile: string,
  files: Record<string, string> = {},
): Promise<string> => {
  const context = pack();
  for (const [path, content] of Object.entries({ Dockerfile: dockerfile, ...files })) {
    context.entry({ name: path, mode: 0o755 }, content);
  }
  context.finalize();
  const building = await docker.buildImage(Readable.from(context), { t: name, rm: true, forcerm: true });
  await new Promise<void>((resolve, reject) => {
    docker.modem.followProgress(building, (error) => (error ? reject(error) : resolve()));
  });
  return name;
};

export const removeImage = (name: string): Promise<unknown> =>
  docker
    .getImage(name)
    .remove({ force: true })
    .catch(() => undefined);

/** The same Prometheus without a shell, and without any other program, as the images with the tag `-distroless`. */
export const withoutShell = (name: string, from: string): Promise<string> =>
  imageOf(
    name,
    `FROM ${from}
USER root
RUN cd /bin && for f in *; do case $f in prometheus|promtool|rm|sh|busybox) ;; *) rm -f "$f" ;; esac; done; exec rm -f sh busybox rm
USER nobody
`,
  );

/** The same Prometheus, which refuses our hidden flag as one from before 2.36 does. */
export const withoutFlag = (name: string, from: string): Promise<string> =>
  imageOf(name, `FROM ${from}\nCOPY refusing /bin/refusing\nENTRYPOINT ["/bin/refusing"]\n`, {
    refusing: `#!/bin/sh
for argument; do
  case $argument in --scrape.discovery-reload-interval*)
    echo "Error parsing command line arguments: unknown long flag '--scrape.discovery-reload-interval'" >&2
    exit 1
  esac
done
exec /bin/prometheus "$@"
`,
  });
