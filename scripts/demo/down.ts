import { existsSync, mkdirSync, rmSync } from 'node:fs';
import type { Engine } from '../../src/docker/engine.ts';
import { cacheDir } from '../sandbox/paths.ts';
import { withEngine } from './engine.ts';
import { mustMonitor } from './monitor.ts';
import { CONFIG, FOLDER, STACK } from './names.ts';
import { say } from './say.ts';
import { removeServices } from './services.ts';
import { stackThings } from './stack-things.ts';

/** Takes the demo away again: its stack with the data, its services and network, its folder. */
export const down = (): Promise<void> =>
  withEngine(async (engine) => {
    await removeStack(engine);
    await removeServices(engine, say);
    if (existsSync(FOLDER)) {
      rmSync(FOLDER, { recursive: true });
      say(`Removed ${FOLDER}.`);
    }
    say(`
The demo is gone. What it may have brought to this machine stays:
  images  made here: docker image ls --filter reference='monitor-*/*' shows them
  engine  if the demo started it: systemctl stop docker (without systemd: kill $(pidof dockerd));
          if it installed it: apt-get purge docker.io
  cache   ${cacheDir()}`);
  });

/** A stack whose folder is gone is known by its labels, and `monitor` needs a monitor.yml that names it. */
async function removeStack(engine: Engine): Promise<void> {
  if ((await stackThings(engine)).length === 0) return;
  mkdirSync(FOLDER, { recursive: true });
  if (!existsSync(CONFIG)) await mustMonitor('init', '--name', STACK);
  await mustMonitor('down', '--volumes', '--yes');
}
