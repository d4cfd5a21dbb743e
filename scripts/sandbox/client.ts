import Docker from 'dockerode';
import { engineAddress } from './engine-address.ts';

let client: Promise<Docker> | undefined;

/** dockerode for the engine the docker CLI would use, found once per process; dockerode itself knows no contexts. */
export function dockerClient(): Promise<Docker> {
  client ??= connect();
  return client;
}

async function connect(): Promise<Docker> {
  const address = await engineAddress();
  if (address.startsWith('unix://')) return new Docker({ socketPath: address.slice('unix://'.length) });
  process.env.DOCKER_HOST = address;
  return new Docker();
}
