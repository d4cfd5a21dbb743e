import { plural } from '../config/words.ts';
import { byAddress } from './causes-address.ts';
import { byAnswer } from './causes-answer.ts';
import { byConnection } from './causes-connection.ts';
import { byContainer } from './causes-container.ts';
import { byLimits } from './causes-limits.ts';
import { byRedirect } from './causes-redirect.ts';
import type { Evidence } from './evidence.ts';
import type { Finding } from './finding.ts';
import type { Rule } from './rule.ts';

/**
 * The first rule that applies: what is furthest from an answer comes first, since it explains all that follows. `undefined` for a
 * target that is up, reads what it is for, and loses nothing. Pure.
 */
export const diagnose: Rule = (evidence) => {
  if (evidence.health === 'up') return evidence.unread ?? losing(evidence);
  for (const rule of RULES) {
    const finding = rule(evidence);
    if (finding !== undefined) return finding;
  }
  return unknown(evidence);
};

/** Up, and yet not all that it serves arrives. */
const losing: Rule = ({ duplicates }) => {
  const [worst] = duplicates;
  if (worst === undefined) return undefined;
  const more = duplicates.length === 1 ? '' : `, and ${plural(duplicates.length - 1, 'other series')}`;
  return {
    code: 'duplicate-samples',
    cause: `it serves ${worst.series} ${worst.times} times in one answer${more}: Prometheus keeps the first sample and drops the others`,
    remedy: 'register that metric once in the program, or give the samples a label in which they differ',
  };
};

const notLoaded: Rule = ({ standing, origin, container, access, answer }) => {
  const isNew = standing === 'wanted' || (standing === 'found' && answer?.ok === true);
  if (!isNew || (container !== undefined && container.state !== 'running')) return undefined;
  if (access?.by === 'none') return undefined;
  const by = origin === 'detected' ? 'it serves metrics' : 'monitor.yml names it';
  return {
    code: 'not-loaded',
    cause: `${by}, and the configuration that Prometheus has loaded does not have it yet`,
    remedy: '`monitor up` brings it in',
  };
};

const notListed: Rule = ({ standing, origin, job }) => {
  if (standing !== 'loaded') return undefined;
  const dropped = origin === 'passthrough' ? `, or the relabel_configs of the job "${job}" drop it` : '';
  return {
    code: 'not-listed',
    cause: `Prometheus has it in its configuration and not in its list of targets: a change takes up to 6 s to get there${dropped}`,
    remedy: 'wait for a few seconds; if it stays so, `monitor logs prometheus` has the reason',
  };
};

/** It answers now. */
const answering: Rule = ({ answer, health, error }) => {
  if (answer?.ok !== true) return undefined;
  const metrics = `a fresh request was answered with ${plural(answer.metrics, 'metric')}`;
  if (health === 'pending') {
    return {
      code: 'first-scrape',
      cause: `Prometheus has not scraped it yet; ${metrics}`,
      remedy: 'wait for the first scrape: it comes within one scrape_interval',
    };
  }
  return {
    code: 'answers-now',
    cause: `the last scrape failed (${error ?? 'no reason is known'}), and ${metrics}`,
    remedy: 'wait for the next scrape; if it fails again, the endpoint answers only at times: see the container’s log',
  };
};

const unknown = ({ error, answer, job }: Evidence): Finding => ({
  code: answer?.ok === false ? answer.code : 'unknown',
  cause: answer?.ok === false ? answer.reason : (error ?? 'Prometheus has not scraped it yet'),
  remedy: error === undefined ? 'wait for the first scrape' : `see \`monitor logs prometheus\`, and the log of ${job}`,
});

const RULES: readonly Rule[] = [
  byAddress,
  notLoaded,
  byContainer,
  notListed,
  byLimits,
  byRedirect,
  byConnection,
  byAnswer,
  answering,
];
