import { ensureBusyboxImage } from './busybox-image.ts';
import { ensureGrafanaStandIn } from './grafana-stand-in.ts';
import { withLock } from './lock.ts';
import { ensureNodeImage } from './node-image.ts';
import { chosenImage, officialImage } from './official-image.ts';
import { ensurePrometheusImage, prometheusVersion } from './prometheus-image.ts';
import type { Say } from './run.ts';

/** The images `monitor` starts when its configuration names none. */
const PROMETHEUS = 'prom/prometheus:v3.13.2';
const GRAFANA = 'grafana/grafana:13.2.3';

/** Plain data: vitest hands it from the global setup to the tests. */
export interface SandboxImages {
  /** `version`: `3.13.2`. `standIn` says what is in the image when it is not the official one. */
  prometheus: { image: string; version: string; standIn: false | string };
  grafana: { image: string; standIn: boolean };
  node: string;
  busybox: string;
}

/**
 * Images for the stack on this engine: those that PROMETHEUS_IMAGE and GRAFANA_IMAGE name, else the official ones, else
 * stand-ins that are built here. What exists already is not built again.
 */
export function ensureImages({ say }: { say: Say }): Promise<SandboxImages> {
  return withLock('images', async () => {
    const busybox = await ensureBusyboxImage(say);
    const node = await ensureNodeImage(say);
    const prometheus =
      (await chosenImage('PROMETHEUS_IMAGE', say)) ??
      (await officialImage(PROMETHEUS, say)) ??
      (await ensurePrometheusImage(say));
    const grafana =
      (await chosenImage('GRAFANA_IMAGE', say)) ??
      (await officialImage(GRAFANA, say)) ??
      (await ensureGrafanaStandIn(say));
    const version = await prometheusVersion(prometheus);
    return {
      prometheus: { image: prometheus, version, standIn: isOurs(prometheus) && `Debian's Prometheus ${version}` },
      grafana: { image: grafana, standIn: isOurs(grafana) },
      node,
      busybox,
    };
  });
}

function isOurs(image: string): boolean {
  return image.startsWith('monitor-sandbox/');
}
