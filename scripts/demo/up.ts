import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadConfig } from '../../src/config/load.ts';
import { grafanaPassword, stateFolderOf } from '../../src/config/state-folder.ts';
import type { Engine } from '../../src/docker/engine.ts';
import { stackUrls } from '../../src/stack/urls.ts';
import { ensureEngine } from '../sandbox/engine.ts';
import { ensureImages, type SandboxImages } from '../sandbox/images.ts';
import { askGrafana } from './ask-grafana.ts';
import { awaitDashboards } from './await-dashboards.ts';
import { awaitTargets, targetsNow } from './await-targets.ts';
import { withEngine } from './engine.ts';
import { monitor, mustMonitor } from './monitor.ts';
import { CONFIG, FOLDER, STACK } from './names.ts';
import { say } from './say.ts';
import { SERVICES, serviceImage } from './service-images.ts';
import { startServices } from './services.ts';
import { stackThings } from './stack-things.ts';

const QUERY = 'sum by (eventName) (myevents_bookings_count)';
const CPU = 'rate(process_cpu_seconds_total[1m])';
/** More often than by default: a rate takes two scrapes. */
const SCRAPE_INTERVAL = '5s';
const JOBS = ['prometheus', 'grafana', 'eventservice', 'bookingservice'];

/** The main job on real input: two services that run, and what `monitor` makes of them. */
export async function demo(ask?: (question: string) => Promise<boolean>): Promise<void> {
  const found = await ensureEngine(say, ask);
  if (found.dockerHost) process.env['DOCKER_HOST'] = found.dockerHost;
  await withEngine(async (engine) => {
    say(`The Docker engine answers (${engine.endpoint.host}).`);
    const images = await ensureImages({ say });
    sayImages(images);
    const services = { events: await serviceImage('events', say), bookings: await serviceImage('bookings', say) };
    await startServices(engine, services, say);
    await bringUpStack(engine, images);
    await showResult(engine, images);
  });
}

function sayImages({ prometheus, grafana }: SandboxImages): void {
  say(`Image of Prometheus: ${prometheus.image}${prometheus.standIn ? ` (${prometheus.standIn})` : ''}`);
  say(`Image of Grafana: ${grafana.image}${grafana.standIn ? ' (a stand-in, not Grafana)' : ''}`);
  if (!prometheus.standIn && !grafana.standIn) return;
  say('No registry gives the official images here, so these were made on this machine.');
  if (grafana.standIn) say('The stand-in answers the part of Grafana’s API that monitor uses; it draws no graphs.');
}

async function bringUpStack(engine: Engine, images: SandboxImages): Promise<void> {
  const isThere = existsSync(CONFIG);
  mkdirSync(FOLDER, { recursive: true });
  say(`The folder of the demo is ${FOLDER}; \`monitor\` there is bin/monitor.js of this project.`);
  if (isThere && (await namesImages(images))) say('Its monitor.yml is there from an earlier demo, and is kept.');
  else await init(images, isThere);
  writeFileSync(
    CONFIG,
    readFileSync(CONFIG, 'utf8').replace('scrape_interval: 15s', `scrape_interval: ${SCRAPE_INTERVAL}`),
  );
  if (!isThere) await removeLeftovers(engine);
  await mustMonitor('up');
  if (await areDetected()) say('\nIt found both services by itself, as jobs that are called like their containers.');
  await mustMonitor('add-target', 'events:9100', '--job-name', 'eventservice');
  await mustMonitor('add-target', 'bookings:9100', '--job-name', 'bookingservice');
  await mustMonitor('restart');
}

const init = ({ prometheus, grafana }: SandboxImages, isThere: boolean): Promise<void> => {
  const images = ['--prometheus-image', prometheus.image, '--grafana-image', grafana.image];
  return mustMonitor('init', '--name', STACK, ...images, ...(isThere ? ['--force'] : []));
};

/** Whether monitor.yml can be used as it is: it is right, and its images are the ones that there are. */
async function namesImages({ prometheus, grafana }: SandboxImages): Promise<boolean> {
  try {
    const { config } = await loadConfig(CONFIG);
    return config.prometheus.image === prometheus.image && config.grafana.image === grafana.image;
  } catch {
    return false;
  }
}

/** Not where detection is off, or an earlier demo added them. */
async function areDetected(): Promise<boolean> {
  const jobs = (await targetsNow()).map((target) => target.job);
  return SERVICES.every((service) => jobs.includes(service));
}

/** A stack without its folder has a Grafana whose password is lost. */
async function removeLeftovers(engine: Engine): Promise<void> {
  const things = await stackThings(engine);
  if (things.length === 0) return;
  say(`\nAn earlier demo, whose folder is gone, left ${things.join(', ')}.`);
  await mustMonitor('down', '--volumes', '--yes');
}

async function showResult(engine: Engine, images: SandboxImages): Promise<void> {
  say(`\nWaiting until Prometheus has scraped every target, which it does every ${SCRAPE_INTERVAL}.`);
  await awaitTargets(JOBS);
  say(`Asking Grafana's datasource: ${QUERY}`);
  const { config } = await loadConfig(CONFIG);
  const password = await grafanaPassword(stateFolderOf(CONFIG), process.env);
  const samples = await askGrafana(engine, config, password.value, QUERY);
  for (const { labels, value } of samples) say(`  ${(labels['eventName'] ?? '').padEnd(20)}${value}`);
  await monitor('status');
  say('\nWaiting until `monitor up` has nothing to add to the dashboards: the rate of a counter takes two scrapes.');
  await awaitDashboards();
  await mustMonitor('dashboards');
  await mustMonitor('query', CPU, '--since', '2m');
  await mustMonitor('query', QUERY, '--since', '2m');
  const { prometheus, grafana } = stackUrls(config, engine.endpoint);
  say(`
The demo runs.
  Prometheus  ${prometheus}
  Grafana     ${grafana}${images.grafana.standIn ? '  (a stand-in, not Grafana)' : ''}
  Password    node bin/monitor.js --config .demo/monitor.yml password
  Remove all  npm run demo -- down`);
}
