import { splitQuery } from '../config/path-query.ts';
import { PATH_LABELS } from '../detect/labels.ts';
import type { ExplainedRow } from '../output/report.ts';
import { scrapedWhileStarting } from '../stack/target-states.ts';
import { plural } from '../words.ts';
import { byAnswer, byRedirect } from './causes-answer.ts';
import { byConnection, YOUNG } from './causes-connection.ts';
import { byAddress, byContainer } from './causes-container.ts';
import { byScheme } from './causes-tls.ts';
import { inScrapeConfigs } from './change.ts';
import type { Evidence, Finding } from './evidence.ts';
import { byLoss } from './lost.ts';
import { type Kind, readScrapeError, wrongOf } from './wrong.ts';

/** One question of the evidence; `undefined` where it does not apply. */
type Rule = (evidence: Evidence) => Finding | undefined;

/**
 * The first rule that applies: what is furthest from an answer comes first, since it explains all that follows. `undefined` for a
 * target that is up, reads what it is for, and loses nothing. Pure.
 */
export const diagnose: Rule = (evidence) => {
  if (evidence.health === 'up') return evidence.unread ?? byLoss(evidence);
  for (const rule of RULES) {
    const finding = rule(evidence);
    if (finding !== undefined) return ofOneOf(evidence, finding);
  }
  return unknown(evidence);
};

/** What is found as a row of `monitor explain`; none where there is nothing to explain, unless it is `wanted`. Pure. */
export const explainedRow = (evidence: Evidence, wanted = true): ExplainedRow[] => {
  const { job, instance, endpoint, health, standing, container, error } = evidence;
  const finding = diagnose(evidence) ?? (wanted ? fine(evidence) : undefined);
  if (finding === undefined) return [];
  return [
    {
      target: instance,
      job,
      url: `${endpoint.scheme}://${endpoint.address}${endpoint.metrics_path}`,
      health: health === 'pending' && standing !== 'listed' ? 'missing' : health,
      container: container?.name,
      ...finding,
      error,
    },
  ];
};

const fine = ({ served }: Evidence): Pick<ExplainedRow, 'code' | 'cause'> => ({
  code: 'up',
  cause: `Prometheus scrapes it${served === undefined ? '' : `; a fresh request was answered with ${plural(served.metrics, 'metric')}`}`,
});

/** What is said of one container may not hold of another that has the same name. */
const ofOneOf = ({ several, standing }: Evidence, finding: Finding): Finding =>
  several === undefined || standing === 'wanted'
    ? finding
    : {
        ...finding,
        cause: `${finding.cause}; ${several}`,
        remedy: `name one container instead; or ${finding.remedy}`,
      };

/** A label that asks for a path with a query was not followed: a target of Prometheus has its query elsewhere. */
const byPathLabel: Rule = (evidence) => {
  const { standing, container, endpoint } = evidence;
  const label = PATH_LABELS.find((name) => container?.labels[name]?.includes('?'));
  if (standing !== 'found' || label === undefined) return undefined;
  const written = container?.labels[label] ?? '';
  const { metrics_path, params } = splitQuery(written.startsWith('/') ? written : `/${written}`);
  return {
    code: 'path-with-query',
    cause: `its label ${label} has a query (${written}), which is not part of a path: Prometheus takes it as \`params\``,
    remedy: inScrapeConfigs({ ...evidence, endpoint: { ...endpoint, metrics_path } }, { params }),
  };
};

const notLoaded: Rule = ({ standing, origin, container, access, served }) => {
  const isNew = standing === 'wanted' || (standing === 'found' && served !== undefined);
  if (!isNew || access?.by === 'none' || (container !== undefined && container.state !== 'running')) return undefined;
  return {
    code: 'not-loaded',
    cause: `${origin === 'detected' ? 'it serves metrics' : 'monitor.yml names it'}, and Prometheus has not loaded it yet`,
    remedy: '`monitor up` adds it',
  };
};

const notListed: Rule = ({ standing, scrapeConfig, job }) => {
  if (standing !== 'loaded') return undefined;
  const dropped =
    scrapeConfig?.['relabel_configs'] !== undefined ? `, or the relabel_configs of the job "${job}" drop it` : '';
  return {
    code: 'not-listed',
    cause: `it is in Prometheus's configuration and not in its list of targets yet: a change takes up to 6 s${dropped}`,
    remedy: 'wait for a few seconds; if it stays like this, `monitor logs prometheus` shows the reason',
  };
};

/** Some exporters wait for a server that does not run, for longer than a scrape does. */
const waiting: Rule = ({ unread, refusal }) =>
  refusal?.code === 'timeout' || refusal?.code === 'no-answer' ? unread : undefined;

const byWrong: Rule = (evidence) => {
  const wrong = wrongOf(evidence);
  return wrong && (byConnection(evidence, wrong.kind) ?? byScheme(evidence, wrong.kind) ?? byAnswer(evidence, wrong));
};

/** Not scraped yet, and it answers a fresh request. Of what was named a moment ago it is known what becomes of the answer. */
const unscraped: Rule = (evidence) => {
  const { served, health, origin, scrapeConfig } = evidence;
  if (health !== 'pending' || served === undefined) return undefined;
  const isNamed = origin === 'config' || origin === 'passthrough';
  const isRefused = served.fallback !== undefined && scrapeConfig?.['fallback_scrape_protocol'] === undefined;
  const trouble = isRefused ? byAnswer(evidence, { kind: 'content-type' }) : byLoss(evidence);
  if (isNamed && trouble !== undefined) return trouble;
  return {
    code: 'first-scrape',
    cause: `Prometheus has not scraped it yet; a fresh request was answered with ${plural(served.metrics, 'metric')}`,
    remedy: 'wait for the first scrape: it comes within one scrape_interval',
  };
};

/** The probe reads the first MiB, and needs no more to know metrics; it may wait longer than the scrape does. */
const slow: Rule = (evidence) => {
  const { served, error, recent } = evidence;
  if (served === undefined || readScrapeError(error)?.kind !== 'timeout' || answersAtTimes(evidence)) return undefined;
  if (served.truncated) {
    return {
      code: 'endless',
      cause:
        'its answer does not end in time: the first MiB of it are metrics, and Prometheus waits for the rest until the scrape_timeout',
      remedy: 'let the program end its answer (an answer is not a stream), or serve fewer series',
    };
  }
  if (recent === undefined || recent.failed < 2) return undefined;
  return {
    code: 'timeout',
    cause: 'it answers, and not within the scrape_timeout: 10 s, or the scrape_interval where that is shorter',
    remedy: `let the program compute its metrics faster, or give it more time: ${inScrapeConfigs(evidence, { scrape_interval: '30s', scrape_timeout: '20s' })}`,
  };
};

const answersAtTimes = ({ recent }: Evidence): boolean =>
  recent !== undefined && recent.succeeded > 0 && recent.failed > 0;

/** It answers a fresh request, and its container was started so short a time ago that the last scrape came too early. */
const started: Rule = ({ served, error, inspected }) =>
  served !== undefined && (inspected?.runningFor ?? YOUNG) < YOUNG && readScrapeError(error)?.holds === 'passing'
    ? scrapedWhileStarting(served)
    : undefined;

/** It answers a fresh request, and the last scrape failed in a way that may have passed. */
const answering: Rule = (evidence) => {
  const { served, error = '', recent = { succeeded: 0, failed: 0 }, job, container } = evidence;
  if (served === undefined) return undefined;
  const failed = `the last scrape failed (${error || 'no reason is known'}), and a fresh request was answered with ${plural(served.metrics, 'metric')}`;
  const log = `the log of ${container?.name ?? job}`;
  if (answersAtTimes(evidence)) {
    return {
      code: 'answers-at-times',
      cause: `${failed}: of its last ${recent.succeeded + recent.failed} scrapes ${recent.failed} failed`,
      remedy: `\`monitor explain\` again after the next scrape; if scrapes keep failing now and then, ${log} has what happens at those times`,
    };
  }
  const kind = readScrapeError(error)?.kind;
  if (kind !== undefined && ANSWERED.includes(kind) && recent.failed > 1) {
    return {
      code: 'refuses-prometheus',
      cause: `${failed}; all of its last ${recent.failed} scrapes failed`,
      remedy: `see ${log} for why it answers Prometheus differently; if it was changed just now, \`monitor explain\` again after the next scrape`,
    };
  }
  return {
    code: 'answers-now',
    cause: failed,
    remedy:
      recent.failed > 1
        ? '`monitor explain` again after the next scrape; if that fails too, something lets this request through and not those of Prometheus: a firewall, or a limit on addresses or connections'
        : 'wait for the next scrape; if that fails too, `monitor explain` tells more',
  };
};

/** Prometheus got through, and was answered with something else than the fresh request. */
const ANSWERED: readonly Kind[] = ['unauthorized', 'not-found', 'http-status', 'reset', 'redirect-loop'];

const unknown = ({ error, refusal, job, container }: Evidence): Finding => ({
  code: refusal?.code ?? 'unknown',
  cause: refusal?.reason ?? error ?? 'Prometheus has not scraped it yet',
  remedy:
    error === undefined
      ? 'wait for the first scrape'
      : `see \`monitor logs prometheus\`, and the log of ${container?.name ?? job}`,
});

const RULES: readonly Rule[] = [
  ({ ofJob }) => ofJob,
  byPathLabel,
  byAddress,
  notLoaded,
  byContainer,
  waiting,
  notListed,
  byRedirect,
  byWrong,
  unscraped,
  slow,
  started,
  answering,
];
