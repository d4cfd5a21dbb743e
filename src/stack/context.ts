import type { Server } from '../config/servers.ts';
import type { Engine } from '../docker/engine.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import type { PrometheusClient } from '../prometheus/client.ts';
import type { Progress } from './progress.ts';

/** What operations work with. */
export interface ExecuteContext {
  engine: Engine;
  stack: string;
  prometheus: PrometheusClient;
  /** Whether a server answers; Grafana's database is there then too. */
  isReady: Record<Server, () => Promise<boolean>>;
  /** Of a Grafana that is up. */
  grafana: () => Promise<GrafanaClient>;
  progress: Progress;
  signal: AbortSignal;
  /** Milliseconds that a start may take until it answers. */
  timeoutMs: number;
}
