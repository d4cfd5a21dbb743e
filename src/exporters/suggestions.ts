import { EXPORTER_NAMES, EXPORTERS, type ExporterName } from '../config/exporter-table.ts';
import { imageName, knownImage } from '../detect/images.ts';
import type { Container } from '../docker/engine.ts';

/** A running server without metrics, and what would give it some. */
export interface Suggestion {
  container: Container;
  /** `PostgreSQL` */
  server: string;
  /** For a person: what would expose its metrics. */
  message: string;
  command: string;
}

interface Server {
  title: string;
  exporter?: ExporterName;
  /** Repositories, as image-name.ts reads them. */
  images: readonly string[];
  telltale?: number;
}

const RABBITMQ: Server = { title: 'RabbitMQ', images: ['rabbitmq', 'bitnami/rabbitmq'], telltale: 5672 };

const SERVERS: readonly Server[] = [
  RABBITMQ,
  ...EXPORTER_NAMES.flatMap((exporter) => {
    const { servers = {}, telltale } = EXPORTERS[exporter];
    return Object.entries(servers).map(([title, images], i) => ({
      title,
      exporter,
      images,
      telltale: i === 0 ? telltale : undefined,
    }));
  }),
];

const BY_IMAGE: ReadonlyMap<string, Server> = new Map(
  SERVERS.flatMap((server) => server.images.map((image): [string, Server] => [image, server])),
);
const BY_PORT: ReadonlyMap<number, Server> = new Map(
  SERVERS.flatMap((server) => (server.telltale === undefined ? [] : [[server.telltale, server] as const])),
);

/**
 * Names the running databases, brokers and caches that have no metrics, with what would expose them. Pure.
 * `isServed`: the container is scraped already. One whose exporter runs on a network of its own counts as served.
 */
export function suggest(containers: readonly Container[], isServed: (container: Container) => boolean): Suggestion[] {
  const running = containers.filter((c) => c.state === 'running');
  const exporters = running.filter(({ image }) => imageName(image).name.endsWith('-exporter'));
  return running.flatMap((container) => {
    const server = serverIn(container);
    if (server === undefined || isServed(container) || hasExporter(container, server, exporters)) return [];
    return [suggestionFor(container, server)];
  });
}

/** The running containers that an exporter has metrics of. */
export const serversOf = (exporter: ExporterName, containers: readonly Container[]): Container[] =>
  containers.filter((container) => container.state === 'running' && serverIn(container)?.exporter === exporter);

/**
 * By its repository; else, in a namespace that is not known here, by the name that the official image alone has
 * (`shop/nginx`): an image with that name is usually built on it, and this is only a suggestion.
 */
const serverOf = (image: string): Server | undefined => {
  const { repository, name } = imageName(image);
  return BY_IMAGE.get(repository) ?? BY_IMAGE.get(name);
};

function serverIn(container: Container): Server | undefined {
  const byImage = serverOf(container.image);
  if (byImage !== undefined || knownImage(container.image) !== undefined) return byImage;
  const telltale = container.ports.find((p) => p.type === 'tcp' && BY_PORT.has(p.privatePort));
  return telltale === undefined ? undefined : BY_PORT.get(telltale.privatePort);
}

/** By the name of an exporter's image, on a network of both. */
const hasExporter = ({ networks }: Container, { exporter }: Server, exporters: readonly Container[]): boolean => {
  if (exporter === undefined) return false;
  // The project's name for its image, and the one that others give theirs: `bitnami/nginx-exporter`.
  const names = [imageName(EXPORTERS[exporter].image).name, `${exporter}-exporter`];
  const own = new Set(networks.map((network) => network.name));
  return exporters.some((e) => names.includes(imageName(e.image).name) && e.networks.some(({ name }) => own.has(name)));
};

function suggestionFor(container: Container, { title, exporter }: Server): Suggestion {
  if (exporter === undefined) return pluginOf(container);
  const { image, port, needs } = EXPORTERS[exporter];
  const { repository } = imageName(image);
  const remark = needs === undefined ? '' : `; ${needs}`;
  return {
    container,
    server: title,
    message: `${title} has no metrics of its own; ${repository} exports them on port ${port}${remark}`,
    command: `monitor add-exporter ${exporter} --for ${container.name}`,
  };
}

/** Source: rabbitmq.com/docs/prometheus; part of RabbitMQ since 3.8 */
const pluginOf = (container: Container): Suggestion => ({
  container,
  server: RABBITMQ.title,
  message: 'RabbitMQ serves its metrics itself once its plugin rabbitmq_prometheus is on, on port 15692',
  command: `docker exec ${container.name} rabbitmq-plugins enable rabbitmq_prometheus`,
});
