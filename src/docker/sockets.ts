import { join } from 'node:path';
import { type Candidate, defaultHost, type Surroundings } from './contexts.ts';

/**
 * Where engines usually listen when none is chosen: the platform's own socket first, then Docker Desktop, Colima,
 * OrbStack, Rancher Desktop, rootless Docker, Podman. Each of these documents its socket's path.
 */
export function usualSockets(around: Surroundings): Candidate[] {
  const first = { host: defaultHost(around.platform), source: 'the default socket' };
  if (around.platform === 'win32') return [first];
  return [
    first,
    ...socketsInHome(around).map(([path, source]) => ({ host: `unix://${join(around.homedir, path)}`, source })),
    ...socketsOfUser(around),
  ];
}

function socketsInHome({ platform }: Surroundings): [path: string, source: string][] {
  const everywhere: [string, string][] = [
    ['.docker/run/docker.sock', 'Docker Desktop or rootless Docker'],
    ['.docker/desktop/docker.sock', 'Docker Desktop'],
    ['.colima/default/docker.sock', 'Colima'],
    ['.rd/docker.sock', 'Rancher Desktop'],
  ];
  return platform === 'darwin' ? [...everywhere, ['.orbstack/run/docker.sock', 'OrbStack']] : everywhere;
}

function socketsOfUser({ env, platform }: Surroundings): Candidate[] {
  if (platform === 'darwin') return [];
  const runtimeDir = env.XDG_RUNTIME_DIR || `/run/user/${process.getuid?.() ?? 0}`;
  return [
    { host: `unix://${runtimeDir}/docker.sock`, source: 'rootless Docker' },
    { host: `unix://${runtimeDir}/podman/podman.sock`, source: 'rootless Podman' },
    { host: 'unix:///run/podman/podman.sock', source: 'Podman' },
  ];
}
