import { setTimeout as sleep } from 'node:timers/promises';
import Docker, { type ContainerInspectInfo, type NetworkInspectInfo, type VolumeInspectInfo } from 'dockerode';

/** The engine as it is, past all code of the program: what tests compare its words with. */
export const docker = new Docker();

/** Its engine is a component of another name there than Docker's. */
export const isPodman = async (): Promise<boolean> =>
  (await docker.version()).Components?.some(({ Name }) => Name.startsWith('Podman')) === true;

const orUndefined = async <T>(asked: Promise<T>): Promise<T | undefined> => {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && 'statusCode' in error && error.statusCode === 404) return undefined;
    throw error;
  }
};

export const findContainer = (name: string): Promise<ContainerInspectInfo | undefined> =>
  orUndefined(docker.getContainer(name).inspect());
export const findNetwork = (name: string): Promise<NetworkInspectInfo | undefined> =>
  orUndefined(docker.getNetwork(name).inspect());
export const findVolume = (name: string): Promise<VolumeInspectInfo | undefined> =>
  orUndefined(docker.getVolume(name).inspect());

/** A container that has to be there. */
export const container = async (name: string): Promise<ContainerInspectInfo> => {
  const found = await findContainer(name);
  if (found === undefined) throw new Error(`there is no container ${name}`);
  return found;
};

/** Whether a container has no capability; Podman writes each of the usual ones that `ALL` takes away. */
export const dropsAllCapabilities = ({ HostConfig: { CapDrop } }: ContainerInspectInfo): boolean =>
  CapDrop?.includes('ALL') === true || (CapDrop?.length ?? 0) >= 11;

/** The names of the networks that a container is on, sorted; Podman calls its default one `podman` here. */
export const networksOf = async (name: string): Promise<string[]> => {
  const names = Object.keys((await container(name)).NetworkSettings.Networks);
  return names.map((network) => (network === 'podman' ? 'bridge' : network)).sort();
};

export const aliasesOn = async (name: string, network: string): Promise<string[]> =>
  (await container(name)).NetworkSettings.Networks[network]?.Aliases ?? [];

/** Of a running container, on one network. */
export const addressOn = async (name: string, network: string): Promise<string> => {
  const { Networks } = (await container(name)).NetworkSettings;
  return (Networks[network] ?? (network === 'bridge' ? Networks['podman'] : undefined))?.IPAddress ?? '';
};

/** Runs a command in a container and gives what it wrote. */
export const execIn = async (
  name: string,
  command: readonly string[],
  user = '',
): Promise<{ code: number; output: string }> => {
  const exec = await docker
    .getContainer(name)
    .exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, Tty: true, User: user });
  const stream = await exec.start({ hijack: true, stdin: false, Tty: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  for (;;) {
    const { Running, ExitCode } = await exec.inspect();
    if (!Running) return { code: ExitCode ?? -1, output: Buffer.concat(chunks).toString().replaceAll('\r\n', '\n') };
    await sleep(20);
  }
};

export const fileIn = async (name: string, path: string): Promise<string> => {
  const { code, output } = await execIn(name, ['cat', path]);
  if (code !== 0) throw new Error(`cat ${path} in ${name}: ${output}`);
  return output;
};

/** All that tells whether anything was done to these things: ids, starts, attachments. */
export const stateOf = async (things: {
  containers: readonly string[];
  networks: readonly string[];
  volumes: readonly string[];
}): Promise<unknown> => ({
  containers: await Promise.all(
    things.containers.map(async (name) => {
      const found = await findContainer(name);
      return (
        found && {
          name,
          id: found.Id,
          started: found.State.StartedAt,
          running: found.State.Running,
          restarts: found.RestartCount,
          networks: Object.entries(found.NetworkSettings.Networks).map(([network, { EndpointID }]) => ({
            network,
            endpoint: EndpointID,
          })),
        }
      );
    }),
  ),
  networks: await Promise.all(things.networks.map(async (name) => (await findNetwork(name))?.Id)),
  // Not by their time: the engine takes for it when the folder changed last, which the servers that write there do. One
  // that is in use cannot be made anew, and its container is compared above.
  volumes: await Promise.all(things.volumes.map(async (name) => (await findVolume(name))?.Labels)),
});
