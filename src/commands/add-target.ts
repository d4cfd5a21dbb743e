import { Option } from 'commander';
import type { Define } from '../cli/command.ts';
import { collect } from '../cli/parameters.ts';
import { addTarget, targetChanges, type WantedTarget } from '../config/edit.ts';
import type { TargetConfig } from '../config/model.ts';
import { labelNameRule } from '../config/values.ts';
import { severalAnswer, splitAddress } from '../detect/place.ts';
import { type MonitorError, mistake } from '../errors.ts';
import { diagnose } from '../explain/diagnose.ts';
import type { Subject } from '../explain/evidence.ts';
import { gather } from '../explain/gather.ts';
import { settingsOf } from '../explain/subjects.ts';
import type { Answer, ReportOf } from '../output/report.ts';
import { editConfig, type Running } from '../stack/edit-config.ts';
import { during } from '../stack/progress.ts';
import type { Deps } from '../stack/session.ts';
import { quoted, shellWord } from '../words.ts';

export interface AddTargetOptions {
  jobName?: string;
  metricsPath?: string;
  scheme?: string;
  scrapeInterval?: string;
  /** `name=value` */
  label: readonly string[];
}

export const command: Define = (addTarget, invoke) =>
  addTarget
    .argument('<host:port>', 'a container’s name or alias, or localhost, and the port that serves metrics')
    .option('--job-name <job>', 'job (default: the host)')
    .option('--metrics-path <path>', 'path (default: /metrics)')
    .addOption(new Option('--scheme <scheme>', 'scheme (default: http)').choices(['http', 'https']))
    .option('--scrape-interval <duration>', 'interval (default: the stack’s)')
    .option('--label <name=value>', 'label on each of its series; may be repeated', collect, [])
    .action(invoke(runAddTarget));

/** Writes a target to monitor.yml, brings it into a running stack, and says what the endpoint answers. */
export const runAddTarget = (
  deps: Deps,
  address: string,
  options: AddTargetOptions,
): Promise<ReportOf<'add-target'>> => {
  const labels = parseLabels(options.label);
  const wanted: WantedTarget = {
    address,
    job_name: options.jobName,
    metrics_path: options.metricsPath,
    scheme: options.scheme,
    scrape_interval: options.scrapeInterval,
    labels: options.label.length === 0 ? undefined : labels,
  };
  return editConfig(
    deps,
    (loaded) => addTarget(loaded.text, wanted, loaded.path),
    async ({ entry: target, before, change }, applied, running) => ({
      kind: 'add-target',
      address: target.address,
      job: target.job_name,
      change,
      changes: before && targetChanges(before, target),
      ...applied,
      answer: running && (await ask(running, target)),
      notices: applied.notices.filter((notice) => notice.includes(target.address) || !applied.applied),
    }),
  );
};

const parseLabels = (texts: readonly string[]): Record<string, string> => {
  const labels = new Map<string, string>();
  for (const text of texts) {
    const equals = text.indexOf('=');
    if (equals < 1)
      throw invalidLabel(`${quoted(text)} is not a label`, 'write it as NAME=VALUE: --label team=booking');
    const name = text.slice(0, equals);
    if (name === 'job') throw invalidLabel('The label "job" is set by Prometheus', jobOption(text));
    const problem = labelNameRule(name);
    if (problem !== undefined) throw invalidLabel(`The label ${quoted(name)} ${problem}`);
    if (labels.has(name)) throw invalidLabel(`The label ${quoted(name)} is given twice`, 'leave one of them out');
    labels.set(name, text.slice(equals + 1));
  }
  return Object.fromEntries(labels);
};

const jobOption = (label: string): string => `name the job: --job-name ${shellWord(label.slice('job='.length))}`;

const invalidLabel = (message: string, suggestion = 'give it another name: --label NAME=VALUE'): MonitorError =>
  mistake({ code: 'invalid-label', message, suggestion });

/** Asks the endpoint from where Prometheus stands. An image without a shell cannot ask. */
const ask = async ({ session, done }: Running, target: TargetConfig): Promise<Answer> => {
  const { snapshot, targets } = done.rendered;
  const placed = targets.find(
    (t) => t.origin === 'config' && t.instance === target.address && t.metrics_path === target.metrics_path,
  );
  const container = snapshot.containers.find((c) => c.id === placed?.containerId);
  const { address, scheme, metrics_path } = placed ?? target;
  const subject: Subject = {
    job: target.job_name,
    instance: target.address,
    endpoint: { address, scheme, metrics_path },
    origin: 'config',
    health: 'pending',
    standing: 'listed',
    named: settingsOf({ ...target, job: target.job_name }, session.loaded.config),
    container,
    several: severalAnswer(splitAddress(address).host, snapshot),
  };
  const step = session.deps.reporter.start(`Target ${target.address}`, 'Asking for metrics', { quiet: true });
  const [evidence] = await during(step, () => gather(session, snapshot, [subject]));
  const finding = evidence === undefined ? undefined : diagnose(evidence);
  if (evidence?.served && finding?.code === 'first-scrape') return { ok: true, metrics: evidence.served.metrics };
  if (finding === undefined || finding.code === 'unknown') return { ok: false, ...UNASKED };
  return { ok: false, code: finding.code, reason: finding.cause, remedy: finding.remedy };
};

const UNASKED = {
  reason: 'it could not be asked: the image of Prometheus has no shell',
  remedy: '`monitor status` shows how Prometheus’s own scrape went',
};
