import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { writeFileAtomically } from '../config/write.ts';
import type { GrafanaClient } from '../grafana/client.ts';
import type { PulledDashboard } from './pull.ts';

/** Writes the files; paths are from `base`, the folder of monitor.yml. Fails with `write-failed`. */
export async function writePulled(pulled: readonly PulledDashboard[], base: string): Promise<void> {
  for (const { file, text } of pulled) {
    const path = resolve(base, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomically(path, text);
  }
}

/** Once the files are safe: Grafana's copies are edited ones no longer. Fails as the client does. */
export async function markPulled(pulled: readonly PulledDashboard[], client: GrafanaClient): Promise<void> {
  for (const { save } of pulled) await client.saveDashboard(save);
}
