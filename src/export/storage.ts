import type { PrometheusConfig } from '../config/model.ts';
import { parseDuration } from '../config/values.ts';

interface Storage {
  /** What the volume claim asks for: `10Gi`. */
  claim: string;
  /** `--storage.tsdb.retention.size`: below the claim, which also holds the log and a block that is being written. */
  retentionSize: string;
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];
const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const SHARE = 0.8;
const LEAST_GIB = 8;
/** What a target commonly has; Prometheus's documentation ("Storage") counts one to two bytes for a sample. */
const SERIES_PER_TARGET = 2000;
const BYTES_PER_SAMPLE = 2;

/** How much a cluster's volume has to hold. For a retention by time alone it is estimated from the number of targets. Pure. */
export const storageOf = ({ retention }: PrometheusConfig, interval: string, targets: number): Storage => {
  const size = retention.size === undefined ? undefined : bytesOf(retention.size);
  if (size !== undefined && retention.size !== undefined) {
    return { claim: `${Math.max(1, Math.ceil(size / SHARE / GIB))}Gi`, retentionSize: retention.size };
  }
  const samples = (parseDuration(retention.time) ?? 0) / (parseDuration(interval) || 15_000);
  const estimated = (targets * SERIES_PER_TARGET * samples * BYTES_PER_SAMPLE) / SHARE / GIB;
  // In powers of two, as the claim of a StatefulSet cannot be changed, and no more than 1 TiB.
  const claim = Math.min(1024, 2 ** Math.ceil(Math.log2(Math.max(LEAST_GIB, estimated))));
  return { claim: `${claim}Gi`, retentionSize: `${Math.floor((claim * GIB * SHARE) / MIB)}MB` };
};

/** Prometheus counts in powers of 1024. Source: its documentation of `--storage.tsdb.retention.size`. */
const bytesOf = (size: string): number => {
  const [, count = '0', unit = 'B'] = /^(\d+)(\w+)$/.exec(size) ?? [];
  return Number(count) * 1024 ** UNITS.indexOf(unit);
};
