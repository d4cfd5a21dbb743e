import type { LoadedConfig } from '../config/model.ts';
import { MonitorError } from '../errors.ts';
import { textMap } from '../json.ts';
import { readTargets } from '../prometheus/read-config.ts';
import { PROMETHEUS_CONFIG_PATH } from '../stack/components.ts';
import { during } from '../stack/progress.ts';
import { type Deps, withSession } from '../stack/session.ts';
import type { Lists } from './api-server.ts';
import { type ComparedTarget, compareTargets, type Likeness } from './compare.ts';
import type { ComposeExport } from './compose.ts';
import { TOKEN_PATH } from './discovery.ts';
import type { Gathered } from './gather.ts';
import type { KubernetesExport } from './kubernetes.ts';
import { FILES_FOLDER } from './passthrough.ts';
import { clusterOf } from './pods.ts';
import { isOfMachine } from './prometheus-config.ts';
import { allTargets, type VerifiedConfig, withBench } from './verify.ts';

/** What Prometheus makes of the exported objects, beside what it makes of the stack's own prometheus.yml. */
export const verifyKubernetes = async (
  deps: Deps,
  loaded: LoadedConfig,
  { input, rendered }: Gathered,
  exported: KubernetesExport,
): Promise<ComparedTarget[]> => {
  const { lists, podOf } = clusterOf(input.workloads, exported.objects);
  const maps = exported.objects.filter(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.labels?.['app.kubernetes.io/name'] === 'prometheus',
  );
  const files = maps.flatMap((map) => filesIn(map['data'], '/etc/prometheus'));
  const machine = input.exporters.filter(isOfMachine).map((e) => e.config);
  const statics = files.reduce((sum, { content }) => sum + staticCount(content), 0);
  const secrets = filesIn(exported.scrapes.files, FILES_FOLDER);
  const likeness = {
    podOf,
    machineJobs: new Map(machine.map((e) => [e.job_name, e.name === 'cadvisor' ? KUBELET : DAEMON_SET])),
  };
  const expected = statics + input.workloads.length + machine.length;
  const config = { files: [...files, ...secrets, TOKEN], expected };
  return verifyWith(deps, loaded, rendered?.prometheusConfig, config, likeness, lists);
};

const KUBELET = 'in a cluster the kubelet of each node has these metrics';
const DAEMON_SET = 'in a cluster it runs on each node';

const TOKEN = { path: TOKEN_PATH, content: 'none' };

const filesIn = (data: unknown, folder: string): { path: string; content: string }[] =>
  Object.entries(textMap(data)).map(([key, content]) => ({ path: `${folder}/${key}`, content }));

/** The same of the prometheus.yml of a Compose project. */
export const verifyCompose = (
  deps: Deps,
  loaded: LoadedConfig,
  own: string | undefined,
  { prometheusConfig: content, prometheusFiles }: ComposeExport,
): Promise<ComparedTarget[]> => {
  const files = [{ path: PROMETHEUS_CONFIG_PATH, content }, ...prometheusFiles];
  const likeness = { podOf: new Map(), machineJobs: new Map() };
  return verifyWith(deps, loaded, own, { files, expected: staticCount(content) }, likeness, {});
};

/** Without an engine there is no Prometheus to ask, which its error says. */
const verifyWith = (
  deps: Deps,
  loaded: LoadedConfig,
  own: string | undefined,
  exported: VerifiedConfig,
  likeness: Likeness,
  lists: Lists,
): Promise<ComparedTarget[]> =>
  withSession(
    deps,
    async ({ engine }) => {
      if (own === undefined) throw noStack();
      const { image } = loaded.config.prometheus;
      if ((await engine.inspectImage(image)) === undefined) throw noImage(image);
      const step = deps.reporter.start('', 'Running Prometheus with the stack’s and with the exported configuration', {
        quiet: true,
      });
      const stack = { files: [{ path: '/tmp/stack/prometheus.yml', content: own }], expected: staticCount(own) };
      const options = { image, stack: loaded.config.name };
      return during(step, () =>
        withBench(engine, options, lists, async ({ start }) => {
          const targetsOf = async ({ files, expected }: VerifiedConfig) =>
            allTargets(await start(files), expected, deps.signal);
          const [first, second] = await Promise.all([targetsOf(stack), targetsOf(exported)]);
          return compareTargets(first, second, likeness);
        }),
      );
    },
    loaded,
  );

const staticCount = (text: string): number => readTargets(text).length;

const noImage = (image: string): MonitorError =>
  new MonitorError({
    code: 'no-image',
    message: `Image ${image} is not on this engine, and --verify runs Prometheus from it`,
    suggestion: `run \`docker pull ${image}\` or \`monitor up\`, and the command again`,
  });

const noStack = (): MonitorError =>
  new MonitorError({
    code: 'verify-failed',
    message: 'There is no stack to compare the export with: the engine could not be reached',
    suggestion: 'start the engine and run the command again',
  });
