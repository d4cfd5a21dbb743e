import { EngineError, shortId } from './engine.ts';

/** What a call answers; undefined where it is refused for a reason that is fine, such as "already so". */
export async function unless<T>(work: Promise<T>, isFine: (refusal: EngineError) => boolean): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof EngineError && isFine(error)) return undefined;
    throw error;
  }
}

export const isGone = ({ status }: EngineError): boolean => status === 404;

/** A container that is to start runs, or one that is to stop does not. */
export const isSoAlready = ({ status }: EngineError): boolean => status === 304;

/** How an id is shown; a name as it is. */
export const shown = (idOrName: string): string => (/^[0-9a-f]{64}$/.test(idOrName) ? shortId(idOrName) : idOrName);

export type NetworkRefusal = 'no-free-address' | 'no-address-range' | 'not-attachable';

/** Why an engine cannot put a container on a network, or make one: words of Docker 20.10, Docker 28 and Podman 5.8. */
const NETWORK_REFUSALS: readonly [NetworkRefusal, RegExp][] = [
  // Connecting or starting a container (500 everywhere): the subnet is full.
  ['no-free-address', /no available IPv[46] addresses on this network|failed to find free IP in range/],
  // Creating a network (404 with 20.10, 400 with 28, 500 with Podman): all default subnets are in use.
  [
    'no-address-range',
    /non-overlapping IPv[46] address pool among the defaults|predefined address pools have been fully subnetted|could not find free subnet/,
  ],
  // Connecting to a swarm's overlay network that was not created with `--attachable` (500).
  ['not-attachable', /not manually attachable/],
];

/** `undefined` for a refusal of another kind. */
export const networkRefusal = (words: string): NetworkRefusal | undefined =>
  NETWORK_REFUSALS.find(([, pattern]) => pattern.test(words))?.[0];

/** What a user does about a network that the engine connects nothing to, by the engine's words. */
export const remedyFor = (network: string, words: string): string => {
  switch (networkRefusal(words)) {
    case 'no-free-address':
      return `disconnect a container from it (\`docker network inspect ${network}\` lists them), or create the network again with a larger subnet`;
    case 'not-attachable':
      return `create network ${network} again with \`--attachable\``;
    default:
      return 'fix what the engine reports';
  }
};

/** What a user does where the engine does not start a container for its network's sake; `undefined`: it is another reason. */
export const remedyForStart = (words: string): string | undefined =>
  networkRefusal(words) === undefined
    ? undefined
    : remedyFor(/(?:address pools: |network )(\S+) (?:\(|not manually)/.exec(words)?.[1] ?? 'NETWORK', words);
