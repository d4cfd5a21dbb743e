import { isIP } from 'node:net';
import { isOwnMachine } from '../config/address.ts';
import type { ScrapeConfig } from '../config/model.ts';
import { splitAddress } from '../detect/place.ts';
import { asRecord, list } from '../json.ts';
import { staticTargets } from '../prometheus/dialled.ts';
import { quoted } from '../words.ts';
import type { Finding } from './model.ts';
import { objectName } from './names.ts';

/** What an address means in a cluster. */

const HOSTS_OF_DOCKER = ['host.docker.internal', 'gateway.docker.internal', 'host.containers.internal'];

export const isThisMachine = (address: string): boolean => {
  const { host } = splitAddress(address);
  return isOwnMachine(host) || HOSTS_OF_DOCKER.includes(host.toLowerCase());
};

/** A name without a dot is looked up among the Services of Prometheus's own namespace. */
const isBareName = (host: string): boolean => isIP(host.replace(/^\[|\]$/g, '')) === 0 && !host.includes('.');

export const thisMachine = (address: string, job: string, isKept: boolean): Finding => ({
  code: 'this-machine',
  subject: address,
  message: `${address} (job ${job}) is this machine, which the cluster cannot reach${isKept ? '' : ': the target is left out'}`,
  remedy: 'deploy the program with annotations, or set an address in monitor.yml that the cluster can reach',
});

/** What a host needs in the cluster; nothing where it is an address, a full name, or one of `services`. */
export const serviceFinding = (
  address: string,
  who: string,
  namespace: string,
  services: ReadonlySet<string>,
): Finding[] => {
  const { host, port } = splitAddress(address);
  if (!isBareName(host) || services.has(host)) return [];
  const nearest = objectName(host);
  const isValid = nearest === host;
  const lookedUp = isValid
    ? `is looked up as a Service ${quoted(host)}, port ${port}, in the namespace ${namespace}`
    : `cannot be found, as ${quoted(host)} is not a valid name of a Service`;
  const alias = `give the container the network alias ${nearest}, use that in monitor.yml, and create a Service ${nearest}, port ${port}`;
  return [
    {
      code: 'no-service',
      subject: address,
      message: `${address} (${who}) is a container on no Service: in the cluster it ${lookedUp}`,
      remedy: `${isValid ? 'create that Service' : alias}; for one in another namespace: \`kubectl -n ${namespace} create service externalname ${nearest} --external-name ${nearest}.NAMESPACE.svc.cluster.local\``,
    },
  ];
};

/** The same for the static targets of passed-through scrape configs, which stay as they are. */
export const passedFindings = (
  configs: readonly ScrapeConfig[],
  namespace: string,
  services: ReadonlySet<string>,
): Finding[] => {
  const addresses = [
    ...staticTargets(configs).filter((t) => !t.isRelabelled),
    ...configs.flatMap((config) => proxiesOf(config).map((address) => ({ job: config.job_name, address }))),
  ];
  return addresses.flatMap(({ job, address }) => {
    // On its own loopback Prometheus finds itself in a cluster too.
    if (/^(localhost|127\.0\.0\.1):9090$/.test(address)) return [];
    return isThisMachine(address)
      ? [thisMachine(address, job, true)]
      : serviceFinding(address, `job ${job}`, namespace, services);
  });
};

/** Where relabelling sends every scrape of a job: the address of a prober. */
const proxiesOf = ({ relabel_configs }: ScrapeConfig): string[] => {
  return list(relabel_configs).flatMap((step) => {
    const { target_label, replacement } = asRecord(step);
    const isFixed =
      target_label === '__address__' && typeof replacement === 'string' && /^[^$]+:\d+$/.test(replacement);
    return isFixed ? [replacement] : [];
  });
};
