import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { docker } from './engine-view.ts';
import './sandbox-context.ts';

const made: string[] = [];

/** Removes the images that this test file has made; the containers from them have to be gone. */
export const removeMadeImages = async (): Promise<void> => {
  for (const image of made.splice(0)) await docker.getImage(image).remove();
};

/** The Prometheus image with another entrypoint: a shell script, whose arguments are the container's command. */
export const prometheusStartedBy = async (what: string, script: string): Promise<string> => {
  const tag = randomBytes(4).toString('hex');
  const container = await docker.createContainer({ Image: inject('images').prometheus.image });
  const repo = `monitor-test/${what}-prometheus`;
  await container.commit({ repo, tag, changes: `ENTRYPOINT ${JSON.stringify(['/bin/sh', '-c', script, 'sh'])}` });
  made.push(`${repo}:${tag}`);
  await container.remove({ v: true });
  return `${repo}:${tag}`;
};
