import type { Call } from './call.ts';
import type { Engine } from './engine.ts';
import { toNetwork, toVolume } from './mapping.ts';
import { found, isGone, shown, unless } from './refusals.ts';

export function networkCalls(call: Call) {
  return {
    listNetworks: async () => (await call('listing networks', ({ docker }) => docker.listNetworks())).map(toNetwork),
    createNetwork: async (name, labels) => {
      // Before API 1.44 an engine makes a second network of the same name unless it is asked to look.
      const options = { Name: name, Labels: labels, CheckDuplicate: true };
      return (await call(`creating network ${name}`, ({ docker }) => docker.createNetwork(options))).id;
    },
    removeNetwork: (id) =>
      unless(
        call(`removing network ${shown(id)}`, ({ docker }) => docker.getNetwork(id).remove()),
        isGone,
      ),
    connectNetwork: (networkId, containerId, aliases) => {
      const options = { Container: containerId, EndpointConfig: aliases.length > 0 ? { Aliases: [...aliases] } : {} };
      return unless(
        call(`connecting container ${shown(containerId)} to network ${shown(networkId)}`, ({ docker }) =>
          docker.getNetwork(networkId).connect(options),
        ),
        // Connected already (Docker, then Podman).
        ({ message }) =>
          /endpoint with name .* already exists in network|is already connected to network/.test(message),
      );
    },
    disconnectNetwork: (networkId, containerId) =>
      unless(
        call(`disconnecting container ${shown(containerId)} from network ${shown(networkId)}`, ({ docker }) =>
          docker.getNetwork(networkId).disconnect({ Container: containerId }),
        ),
        (refusal) => isGone(refusal) || /is not connected to (the )?network/.test(refusal.message),
      ),
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
      const answer = await found(call(`inspecting volume ${name}`, ({ docker }) => docker.getVolume(name).inspect()));
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
