import { join } from 'node:path';
import { API_PORT, METRICS_PORT } from '../demo-services/ports.ts';
import { imageFromNode } from '../sandbox/node-image.ts';
import type { Say } from '../sandbox/run.ts';
import { ROOT } from './names.ts';

export const SERVICES = ['events', 'bookings'] as const;
export type Service = (typeof SERVICES)[number];

/** Each service in an image of its own: Node, and the service bundled into one file. */
export const serviceImage = (service: Service, say: Say): Promise<string> =>
  imageFromNode(
    {
      name: `monitor-demo/${service}`,
      bundles: [{ entry: join(ROOT, `scripts/demo-services/${service}.ts`), path: `/app/${service}.mjs` }],
      user: 'nobody',
      workdir: '/app',
      expose: [API_PORT, METRICS_PORT],
      cmd: ['node', `${service}.mjs`],
    },
    say,
  );
