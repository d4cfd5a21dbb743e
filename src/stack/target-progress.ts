import { plural } from '../config/words.ts';
import { answerKey } from './answers.ts';
import type { Rendered } from './plan-up.ts';
import type { Session } from './session.ts';
import { targetChanges } from './target-states.ts';

/** Tells which targets came and went, now that Prometheus has loaded its configuration. */
export const reportTargetChanges = (
  { deps, loaded }: Session,
  { targets, snapshot, answers }: Pick<Rendered, 'targets' | 'snapshot' | 'answers'>,
): void => {
  for (const change of targetChanges(targets, snapshot.prometheus, loaded.config.scrape_configs)) {
    const step = deps.reporter.start(`Target ${change.instance}`, change.change === 'add' ? 'Adding' : 'Removing');
    const answer = answers.get(answerKey(change));
    if (change.change === 'remove') step.done('Removed');
    else step.done(answer?.ok === true ? plural(answer.metrics, 'metric') : 'Added');
  }
};
