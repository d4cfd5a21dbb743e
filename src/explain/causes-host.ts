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

/** A name without `_` on the same network. The engine takes an alias only while it connects. */
const byAlias = (evidence: Evidence, host: string): string => {
  const { container } = evidence;
  const alias = host.replaceAll('_', '-');
  const network = container?.networks.find((name) => name !== 'bridge' && name !== 'none');
  const named =
    container === undefined || network === undefined
      ? `give it another name`
      : `give it another one: \`docker network disconnect ${network} ${container.name}\`, \`docker network connect --alias ${host} --alias ${alias} ${network} ${container.name}\` (in Compose: \`aliases\` of the service on that network)`;
  const target =
    evidence.origin === 'detected' ? asTarget(evidence, { host: alias }) : correct(evidence, { host: alias });
  return `${named}, then ${target}`;
};
