import { splitAddress } from '../detect/place.ts';
import { asTarget, correct } from './change.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';

/** The server checks the Host header: it serves metrics for `localhost` and refuses the name that Prometheus uses. Pure. */
export const hostRefused = (evidence: Evidence): Finding => {
  const { host } = splitAddress(evidence.endpoint.address);
  const status = evidence.answer?.ok === false ? evidence.answer.status : undefined;
  const setting = `add ${host} to the hosts that the server allows (ALLOWED_HOSTS in Django, config.hosts in Rails, AllowedHosts in ASP.NET, allowedHosts in Vite)`;
  return {
    code: 'host-refused',
    cause: `it refuses the name ${host} in the Host header${status === undefined ? '' : ` (HTTP ${status})`}, and serves metrics for localhost`,
    remedy: host.includes('_')
      ? `${setting}; where it refuses every name with "_", ${byAlias(evidence, host)}`
      : setting,
  };
};

/** A name without `_` on the same network. The engine takes an alias only while it connects, and forgets those before. */
const byAlias = (evidence: Evidence, host: string): string => {
  const { container } = evidence;
  const alias = host.replaceAll('_', '-');
  const network = container?.networks.find((name) => name !== 'bridge' && name !== 'none');
  const target =
    evidence.origin === 'detected' ? asTarget(evidence, { host: alias }) : correct(evidence, { host: alias });
  if (container === undefined || network === undefined) return `give it another name, then ${target}`;
  const known = container.aliases?.filter((a) => a.network === network && !/^[0-9a-f]{12}$/.test(a.alias)) ?? [];
  const aliases = [...new Set([...known.map((a) => a.alias), host, alias])].map((name) => `--alias ${name}`).join(' ');
  return `give it the alias ${alias} on the network ${network} (in Compose: \`aliases\` of the service): \`docker network disconnect ${network} ${container.name}\`, \`docker network connect ${aliases} ${network} ${container.name}\`, then ${target}`;
};
