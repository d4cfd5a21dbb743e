import { setTimeout as sleep } from 'node:timers/promises';
import type { Exporter } from '../config/exporter-table.ts';
import type { ExporterConfig } from '../config/model.ts';
import type { RefusalCode } from '../detect/classify.ts';
import { type Probed, probe } from '../detect/probe.ts';
import { MonitorError } from '../errors.ts';
import type { ExporterAnswer } from '../output/report.ts';
import type { BroughtUp } from '../stack/bring-up.ts';
import { during } from '../stack/progress.ts';
import type { Session } from '../stack/session.ts';
import { withThrowaway } from '../stack/throwaway.ts';
import { failIfEnded } from '../stack/waits.ts';
import { exporterTarget, kindOf, placeExporter } from './components.ts';
import { tellingLine, whyUnread } from './unread-server.ts';

/** How long an exporter may take from its start to its first answer; milliseconds. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 200;
/** An exporter that its server refuses tries again before it answers: postgres_exporter for 3 to 6 s. */
const ANSWER_SECONDS = 9;
/** Answers that an exporter may give while it is starting. */
const MAY_STILL_START: ReadonlySet<RefusalCode> = new Set(['refused', 'reset', 'no-such-host', 'no-answer']);
/** How long a server that is starting may refuse its exporter; milliseconds. */
const SERVER_PATIENCE_MS = 2000;

/** Asks an exporter from inside Prometheus, and says whether it reads its server. */
export const askExporter = async (session: Session, exporter: ExporterConfig): Promise<ExporterAnswer> => {
  const { prometheus, name: stack, network } = session.loaded.config;
  const target = exporterTarget(exporter, stack, { containers: [] });
  const step = session.deps.reporter.start(`Exporter ${exporter.container}`, 'Asking for metrics', { quiet: true });
  try {
    const answer = await during(step, () =>
      withThrowaway(session.engine, { stack, image: prometheus.image, network }, (asker) =>
        untilItAnswers(session, exporter, target, asker),
      ),
    );
    const { verdict } = answer;
    const server = serverState(answer.body.toString(), kindOf(exporter));
    if (verdict.ok && server !== 'down') {
      return { ok: true, metrics: verdict.metrics, server };
    }
    const log = await tellingLine(session, exporter);
    return verdict.ok
      ? { ok: true, metrics: verdict.metrics, server: 'down', ...(await reasonOf(session, exporter)), log }
      : { ok: false, reason: verdict.reason, remedy: '`monitor logs` shows what it says', log };
  } catch (error) {
    if (!(error instanceof MonitorError) || error.code !== 'no-shell') throw error;
    return { ok: false, reason: error.message, remedy: '`monitor status` shows how Prometheus’s own scrape went' };
  }
};

const reasonOf = async (session: Session, exporter: ExporterConfig): Promise<{ reason: string; remedy: string }> => {
  const { cause, remedy } = await whyUnread(session.engine, await session.engine.listContainers(), exporter);
  return { reason: cause, remedy };
};

/** What is wrong with exporters that were just started; one whose server is known not to be there is not asked. */
export const exporterNotices = async (session: Session, { operations, rendered }: BroughtUp): Promise<string[]> => {
  const { config } = session.loaded;
  const started = operations.flatMap((o) =>
    o.kind === 'startContainer' && o.role === 'exporter' ? [o.container] : [],
  );
  const exporters = config.exporters.filter(
    (e) => started.includes(e.container) && placeExporter(e, rendered.snapshot, config.network).notice === undefined,
  );
  const answers = await Promise.all(exporters.map(async (e) => ({ e, answer: await askExporter(session, e) })));
  return answers.flatMap(({ e, answer: { ok, server, reason, log } }) =>
    ok && server !== 'down'
      ? []
      : [`${e.container}: ${[reason, log].filter((part) => part !== undefined).join('; its log: ')}`],
  );
};

const untilItAnswers = async (
  session: Session,
  exporter: ExporterConfig,
  target: ReturnType<typeof exporterTarget>,
  asker: string,
): Promise<Probed> => {
  const { container } = exporter;
  const started = Date.now();
  const restarts = (await session.engine.inspectContainer(container))?.restartCount ?? 0;
  for (;;) {
    const [answer] = await probe(session.engine, asker, [target], { seconds: ANSWER_SECONDS });
    if (answer === undefined) throw new Error('the probe gave no answer');
    const { verdict } = answer;
    const waited = Date.now() - started;
    const isWaiting = verdict.ok
      ? serverState(answer.body.toString(), kindOf(exporter)) === 'down' && waited < SERVER_PATIENCE_MS
      : MAY_STILL_START.has(verdict.code) && waited < PATIENCE_MS;
    // On a slow machine, a container that crashes at its start may show it only now.
    if (!verdict.ok) await failIfEnded({ role: 'exporter', container, restarts }, session);
    if (!isWaiting) return answer;
    await sleep(PAUSE_MS, undefined, { signal: session.deps.signal });
  }
};

/** What an exporter's own metric says of its server. Pure. */
export const serverState = (body: string, { upMetric }: Pick<Exporter, 'upMetric'>): 'up' | 'down' | undefined => {
  const sample =
    upMetric === undefined ? null : new RegExp(`^${upMetric}(?:\\{[^\\n]*\\})?[ \\t]+(\\S+)`, 'm').exec(body);
  if (sample === null) return undefined;
  return Number(sample[1]) === 0 ? 'down' : 'up';
};
