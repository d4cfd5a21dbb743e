import type { ContainerCreateOptions, EndpointsConfig } from 'dockerode';
import type { CreateContainer } from './engine.ts';

/** What `POST /containers/create` is sent; the name goes into the query. */
export function createBody(spec: CreateContainer): ContainerCreateOptions {
  const { entrypoint, command, user, logOptions, binds, pidMode, attached } = spec;
  return {
    Image: spec.image,
    Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
    Labels: spec.labels,
    ExposedPorts: Object.fromEntries(spec.ports.map(({ container }) => [`${container}/tcp`, {}])),
    HostConfig: {
      Mounts: spec.mounts.map(({ volume, target, readOnly = false }) => ({
        Type: 'volume',
        Source: volume,
        Target: target,
        ReadOnly: readOnly,
      })),
      PortBindings: portBindings(spec.ports),
      NetworkMode: spec.network.name,
      RestartPolicy: { Name: spec.restart },
      CapDrop: [...spec.capDrop],
      SecurityOpt: [...spec.securityOpt],
      ExtraHosts: [...spec.extraHosts],
      LogConfig: Object.keys(logOptions).length > 0 ? { Type: 'json-file', Config: logOptions } : undefined,
      Binds: binds && [...binds],
      PidMode: pidMode,
      AutoRemove: attached,
    },
    NetworkingConfig: { EndpointsConfig: endpoints(spec.network) },
    Entrypoint: entrypoint && [...entrypoint],
    Cmd: command && [...command],
    User: user,
    OpenStdin: attached,
    StdinOnce: attached,
    AttachStdin: attached,
    // For Podman, which stops a container before it removes it by force: its program would wait out ten seconds of grace.
    StopSignal: attached && 'SIGKILL',
  };
}

function portBindings(ports: CreateContainer['ports']): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const { container, host, bind } of ports) {
    const key = `${container}/tcp`;
    bindings[key] = [...(bindings[key] ?? []), { HostIp: bind, HostPort: String(host) }];
  }
  return bindings;
}

/** Aliases exist on networks that were created only; Podman refuses an entry for the default one (podman#23453). */
function endpoints({ name, aliases }: CreateContainer['network']): EndpointsConfig {
  if (/^(bridge|default|none|host|container:.*)$/.test(name)) return {};
  return { [name]: { Aliases: [...aliases] } };
}
