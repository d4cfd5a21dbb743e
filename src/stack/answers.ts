import type { Verdict } from '../detect/classify.ts';
import type { Surveyed } from '../detect/survey.ts';
import type { ScrapeTarget } from '../detect/types.ts';

/** What targets answered when they were asked, by their `answerKey`. */
export type Answers = ReadonlyMap<string, Verdict>;

export const answerKey = ({ job, instance, metrics_path }: Pick<ScrapeTarget, 'job' | 'instance' | 'metrics_path'>) =>
  `${job} ${instance} ${metrics_path}`;

/** Of the detected targets and of those that monitor.yml names. Pure. */
export const answersOf = (
  targets: readonly ScrapeTarget[],
  surveyed: readonly Surveyed[],
  named: ReadonlyMap<ScrapeTarget, Verdict>,
): Answers => {
  const endpoints = new Map(
    surveyed.map(({ candidate: { container, port, metrics_path }, verdict }) => [
      `${container.id}:${port}${metrics_path}`,
      verdict,
    ]),
  );
  const detected = targets.flatMap((target): [string, Verdict][] => {
    if (target.origin !== 'detected') return [];
    const port = target.address.slice(target.address.lastIndexOf(':') + 1);
    const verdict = endpoints.get(`${target.containerId}:${port}${target.metrics_path}`);
    return verdict === undefined ? [] : [[answerKey(target), verdict]];
  });
  return new Map([
    ...[...named].map(([target, verdict]): [string, Verdict] => [answerKey(target), verdict]),
    ...detected,
  ]);
};
