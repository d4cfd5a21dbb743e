import { settingsFrom } from './environment.ts';
import { profiles } from './profile.ts';
import { startStandIn } from './start.ts';

/** Serves until it is told to stop, and then stops at once: every change is on the disk before it is answered. */
async function main(): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => process.exit(0));
  const settings = settingsFrom(process.env);
  const standIn = await startStandIn({ ...settings, host: '0.0.0.0', log: (line) => console.log(line) });
  const { version } = profiles[settings.version];
  console.log(`msg="HTTP Server Listen" address=0.0.0.0:${standIn.port} protocol=http stand_in_for=${version}`);
}

main().catch((error: unknown) => {
  console.error(`Grafana stand-in: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
});
