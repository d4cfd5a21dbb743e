import type { NetworkAlias } from '../detect/place.ts';
import type {
  Container,
  ContainerDetail,
  CreateContainer,
  FileStat,
  Image,
  Labels,
  Network,
  Volume,
} from '../docker/engine.ts';
import type { MonitorError } from '../errors.ts';
import type { DatasourceHealth } from '../grafana/client.ts';
import type { LookedAtDashboards } from '../grafana/dashboard-model.ts';
import type { DesiredGrafana, ObservedGrafana } from '../grafana/model.ts';
import type { ActiveTarget } from '../prometheus/client.ts';
import type { Role } from './labels.ts';

/** The engine, Prometheus and Grafana as one look found them. Nothing is looked up again before the plan is made. */
export interface Snapshot {
  containers: Container[];
  networks: Network[];
  /** By name: those that monitor.yml names. */
  volumes: ReadonlyMap<string, Volume>;
  /** By reference: those that monitor.yml names. */
  images: ReadonlyMap<string, Image>;
  /** The stack's own containers, by id. */
  own: ReadonlyMap<string, ContainerDetail>;
  /** Network aliases by container id, of the containers that were asked for them. */
  aliases: ReadonlyMap<string, readonly NetworkAlias[]>;
  /** What a running Prometheus of the stack has; absent where none runs. */
  prometheus?: SeenPrometheus;
  /** What a running Grafana of the stack reports; absent while it is not up. */
  grafana?: SeenGrafana;
  /** `bind:port` of the stack's ports that something other than a container holds on this machine. */
  busyPorts: readonly number[];
}

export interface SeenPrometheus {
  /** Its configuration file, whose time stands for its content (`configTime`); absent where it has none. */
  file: FileStat | undefined;
  /** What its API reports as loaded; absent where it does not answer. */
  loaded: string | undefined;
  /** What it scrapes; empty where it does not answer. */
  targets: readonly ActiveTarget[];
}

export interface SeenGrafana {
  version: string;
  /** Absent where the look did not ask for it, or Grafana refused. */
  resources?: ObservedGrafana;
  /** Its dashboards, and what they are compared with; absent where `resources` is. */
  dashboards?: LookedAtDashboards;
  /** Whether our datasource reaches Prometheus; absent where the look did not ask, or it does not exist. */
  datasource?: DatasourceAnswer;
  /** Why Grafana did not tell: a wrong password is not tried a second time. */
  refusal?: MonitorError;
}

/** Under the name that the datasource has in Grafana. */
export type DatasourceAnswer = DatasourceHealth & { name: string };

export interface DesiredStack {
  name: string;
  network: { name: string; labels: Labels };
  containers: DesiredContainer[];
  /** Exporters without the credentials that they need, by their label: a container that is there stays. */
  spared: readonly string[];
  /** What Grafana is to have. */
  grafana: DesiredGrafana;
}

export interface DesiredContainer {
  role: Role;
  /** With its labels, the config hash among them. */
  spec: CreateContainer;
  volumeLabels: Labels;
  /** The first is the one that `spec.network` names. */
  networks: { name: string; aliases: readonly string[] }[];
  /** Put into the container before it starts; not part of its hash. */
  files: StackFile[];
}

export interface StackFile {
  path: string;
  content: string;
  /** Readable by the container's user alone. */
  secret: boolean;
  /** Unix seconds; absent: when it is put. */
  modified?: number;
}

/** `--pull` */
export type PullPolicy = 'missing' | 'always' | 'never';
