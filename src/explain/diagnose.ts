import { plural } from '../config/words.ts';
import { byAddress } from './causes-address.ts';
import { byAnswer, byRedirect, type Cause, contentType } from './causes-answer.ts';
import { byConnection } from './causes-connection.ts';
import { byContainer } from './causes-container.ts';
import { unreadFile } from './causes-file.ts';
import { byLimits } from './causes-limits.ts';
import { byLoss } from './causes-lost.ts';
import { byScheme } from './causes-scheme.ts';
import { inScrapeConfigs } from './change.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Rule } from './rule.ts';
import { readScrapeError } from './scrape-error.ts';
import { type Kind, wrongOf } from './wrong.ts';

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

/** What is said of one container may not hold of another that has the same name. */
const ofOneOf = ({ several, standing }: Evidence, finding: Finding): Finding =>
  several === undefined || standing === 'wanted'
    ? finding
    : {
        ...finding,
        cause: `${finding.cause}; ${several}`,
        remedy: `name one container instead; or ${finding.remedy}`,
      };

const notLoaded: Rule = ({ standing, origin, container, access, answer }) => {
  const isNew = standing === 'wanted' || (standing === 'found' && answer?.ok === true);
  if (!isNew || (container !== undefined && container.state !== 'running')) return undefined;
  if (access?.by === 'none') return undefined;
  const by = origin === 'detected' ? 'it serves metrics' : 'monitor.yml names it';
  return {
    code: 'not-loaded',
    cause: `${by}, and Prometheus has not loaded it yet`,
    remedy: '`monitor up` adds it',
  };
};

const byJob: Rule = ({ ofJob }) => ofJob;

const notListed: Rule = ({ standing, origin, job }) => {
  if (standing !== 'loaded') return undefined;
  const dropped = origin === 'passthrough' ? `, or the relabel_configs of the job "${job}" drop it` : '';
  return {
    code: 'not-listed',
    cause: `it is in Prometheus's configuration and not in its list of targets yet: a change takes up to 6 s${dropped}`,
    remedy: 'wait for a few seconds; if it stays like this, `monitor logs prometheus` shows the reason',
  };
};

const CAUSES: Partial<Record<Kind, Cause>> = { ...byLimits, ...byAnswer, file: unreadFile };

const byKind: Rule = (evidence) => {
  const wrong = wrongOf(evidence);
  if (wrong === undefined) return undefined;
  const { kind, detail } = wrong;
  return byConnection(evidence, kind) ?? byScheme(evidence, kind) ?? CAUSES[kind]?.(evidence, detail);
};

/** It answers a fresh request, and the last scrape failed in a way that may have passed. */
const answering: Rule = (evidence) => {
  const { answer, health, error = '', recent, job } = evidence;
  if (answer?.ok !== true) return undefined;
  const metrics = `a fresh request was answered with ${plural(answer.metrics, 'metric')}`;
  if (health === 'pending') {
    return {
      code: 'first-scrape',
      cause: `Prometheus has not scraped it yet; ${metrics}`,
      remedy: 'wait for the first scrape: it comes within one scrape_interval',
    };
  }
  const kind = readScrapeError(error)?.kind;
  const failed = `the last scrape failed (${error || 'no reason is known'}), and ${metrics}`;
  if (recent !== undefined && recent.succeeded > 0 && recent.failed > 0) {
    return {
      code: 'answers-at-times',
      cause: `${failed}: of its last ${recent.succeeded + recent.failed} scrapes ${recent.failed} failed`,
      remedy: `\`monitor explain\` again after the next scrape; if scrapes keep failing now and then, the log of ${evidence.container?.name ?? job} has what happens at those times`,
    };
  }
  const always = recent !== undefined && recent.failed > 1;
  if (kind === 'timeout' && (always || answer.truncated === true)) return slow(evidence);
  if (kind !== undefined && ANSWERED.has(kind) && always) {
    return {
      code: 'refuses-prometheus',
      cause: `${failed}; all of its last ${recent.failed} scrapes failed`,
      remedy: `see the log of ${evidence.container?.name ?? job} for why it answers Prometheus differently; if it was changed just now, \`monitor explain\` again after the next scrape`,
    };
  }
  return {
    code: 'answers-now',
    cause: failed,
    remedy: always
      ? '`monitor explain` again after the next scrape; if that fails too, something lets this request through and not those of Prometheus: a firewall, or a limit on addresses or connections'
      : 'wait for the next scrape; if that fails too, `monitor explain` tells more',
  };
};

/** Prometheus got through, and was answered with something else than the fresh request. */
const ANSWERED: ReadonlySet<Kind> = new Set(['unauthorized', 'not-found', 'http-status', 'reset', 'redirect-loop']);

/** The probe reads the first MiB, and needs no more to know metrics; it may wait longer than the scrape does. */
const slow: Rule = (evidence) => {
  if (evidence.answer?.ok === true && evidence.answer.truncated === true) {
    return {
      code: 'endless',
      cause:
        'its answer does not end in time: the first MiB of it are metrics, and Prometheus waits for the rest until the scrape_timeout',
      remedy: 'let the program end its answer (an answer is not a stream), or serve fewer series',
    };
  }
  return {
    code: 'timeout',
    cause: 'it answers, and not within the scrape_timeout: 10 s, or the scrape_interval where that is shorter',
    remedy: `let the program compute its metrics faster, or give it more time: ${inScrapeConfigs(evidence, { scrape_interval: '30s', scrape_timeout: '20s' })}`,
  };
};

/** Named a moment ago, and not scraped yet: its Content-Type alone will have the scrape refused. */
const unscraped: Rule = (evidence) => {
  const { answer, health, origin, scrapeConfig } = evidence;
  const isNamed = origin === 'config' || origin === 'passthrough';
  if (health !== 'pending' || answer?.ok !== true || !isNamed) return undefined;
  const isRefused = answer.fallback !== undefined && scrapeConfig?.['fallback_scrape_protocol'] === undefined;
  return isRefused ? contentType(evidence, undefined) : byLoss(evidence);
};

const unknown = ({ error, answer, job, container }: Parameters<Rule>[0]): Finding => ({
  code: answer?.ok === false ? answer.code : 'unknown',
  cause: answer?.ok === false ? answer.reason : (error ?? 'Prometheus has not scraped it yet'),
  remedy:
    error === undefined
      ? 'wait for the first scrape'
      : `see \`monitor logs prometheus\`, and the log of ${container?.name ?? job}`,
});

const RULES: readonly Rule[] = [
  byJob,
  byAddress,
  notLoaded,
  byContainer,
  notListed,
  byRedirect,
  byKind,
  unscraped,
  answering,
];
