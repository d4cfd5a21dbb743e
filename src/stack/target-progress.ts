import { plural } from '../words.ts';
import type { Rendered } from './plan-up.ts';
import type { Session } from './session.ts';
import { answerKey, targetChanges } from './target-states.ts';

/** Tells which targets came and went, now that Prometheus has loaded its configuration. */
export const reportTargetChanges = (
  { deps, loaded }: Session,
  { targets, snapshot, answers }: Pick<Rendered, 'targets' | 'snapshot' | 'answers'>,
): void => {
  const changes = targetChanges(targets, snapshot.prometheus, loaded.config.scrape_configs);
  const instances = (kind: 'add' | 'remove') =>
    new Set(changes.filter(({ change }) => change === kind).map(({ instance }) => instance));
  const [added, removed] = [instances('add'), instances('remove')];
  for (const change of changes) {
    const { instance } = change;
    // Of a target that gets another job, one line says enough.
    if (change.change === 'remove' && added.has(instance)) continue;
    const step = deps.reporter.start(`Target ${instance}`, change.change === 'add' ? 'Adding' : 'Removing');
    const answer = answers.get(answerKey(change));
    if (change.change === 'remove') step.done('Removed');
    else if (answer?.ok === true) step.done(plural(answer.metrics, 'metric'));
    else step.done(removed.has(instance) ? 'Updated' : 'Added');
  }
};
