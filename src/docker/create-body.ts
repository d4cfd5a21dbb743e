import type { ContainerCreateOptions, EndpointsConfig, HostConfig } from 'dockerode';
import type { CreateContainer } from './engine.ts';

/** What `POST /containers/create` is sent; the name goes into the query. */
export function createBody(spec: CreateContainer): ContainerCreateOptions {
  const { entrypoint, command, user } = spec;
  return {
    Image: spec.image,
    Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
    Labels: spec.labels,
    ExposedPorts: Object.fromEntries(spec.ports.map(({ container }) => [`${container}/tcp`, {}])),
    HostConfig: hostConfig(spec),
    NetworkingConfig: { EndpointsConfig: endpoints(spec.network) },
    Entrypoint: entrypoint && [...entrypoint],
    Cmd: command && [...command],
    User: user,
    ...(spec.attached === true ? { OpenStdin: true, StdinOnce: true, AttachStdin: true } : {}),
  };
}

function hostConfig(spec: CreateContainer): HostConfig {
  const { logOptions, pidMode, binds } = spec;
  return {
    Mounts: spec.mounts.map(({ volume, target, readOnly }) => ({
      Type: 'volume' as const,
      Source: volume,
      Target: target,
      ReadOnly: readOnly ?? false,
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
    AutoRemove: spec.attached,
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
