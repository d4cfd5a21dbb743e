import type Docker from 'dockerode';
import type { Call } from './call.ts';
import type { Engine } from './engine.ts';
import { toNetwork, toVolume } from './mapping.ts';
import { isGone, shown, unless } from './refusals.ts';

export function networkCalls(call: Call) {
  const on = <T>(doing: string, id: string, work: (network: Docker.Network) => Promise<T>): Promise<T> =>
    call(`${doing} network ${shown(id)}`, ({ docker }) => work(docker.getNetwork(id)));
  return {
    listNetworks: async () => (await call('listing networks', ({ docker }) => docker.listNetworks())).map(toNetwork),
    createNetwork: async (name, labels) => {
      // Before API 1.44 an engine makes a second network of the same name unless it is asked to look.
      const options = { Name: name, Labels: labels, CheckDuplicate: true };
      return (await call(`creating network ${name}`, ({ docker }) => docker.createNetwork(options))).id;
    },
    removeNetwork: (id) =>
      unless(
        on('removing', id, (network) => network.remove()),
        isGone,
      ),
    connectNetwork: (networkId, containerId, aliases) => {
      const options = { Container: containerId, EndpointConfig: aliases.length > 0 ? { Aliases: [...aliases] } : {} };
      return unless(
        on(`connecting container ${shown(containerId)} to`, networkId, (network) => network.connect(options)),
        // Connected already (Docker, then Podman).
        ({ message }) =>
          /endpoint with name .* already exists in network|is already connected to network/.test(message),
      );
    },
    disconnectNetwork: (networkId, containerId) => {
      const options = { Container: containerId };
      return unless(
        on(`disconnecting container ${shown(containerId)} from`, networkId, (network) => network.disconnect(options)),
        (refusal) => isGone(refusal) || /is not connected to (the )?network/.test(refusal.message),
      );
    },
  } satisfies Partial<Engine>;
}

export function volumeCalls(call: Call) {
  return {
    listVolumes: async (labels) => {
      const options = { filters: { label: [...labels] } };
      const { Volumes } = await call('listing volumes', ({ docker }) => docker.listVolumes(options));
      // Null where there is none.
      return (Volumes ?? []).map(toVolume);
    },
    inspectVolume: async (name) => {
      const look = call(`inspecting volume ${name}`, ({ docker }) => docker.getVolume(name).inspect());
      const answer = await unless(look, isGone);
      return answer && toVolume(answer);
    },
    createVolume: async (name, labels) => {
      await call(`creating volume ${name}`, ({ docker }) => docker.createVolume({ Name: name, Labels: labels }));
    },
    removeVolume: (name) =>
      unless(
        call(`removing volume ${name}`, ({ docker }) => docker.getVolume(name).remove()),
        isGone,
      ),
  } satisfies Partial<Engine>;
}
