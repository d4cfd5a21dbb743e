import type { ExecuteContext } from './context.ts';
import { doingOf, outcomeOf, type Part, type Plan, type Planned, resourceOf, standsAlone } from './operations.ts';
import { perform } from './perform.ts';
import type { Progress, Step } from './progress.ts';

/** What stopped the operations of a part that stands alone. */
export interface PartFailure {
  part: Part;
  /** What it was done to, as it is printed. */
  resource: string;
  error: unknown;
}

/**
 * Does what a plan says, and decides nothing: each operation when those that it needs are done. The first failure stops
 * all that has not begun, and is thrown; a failure in a part that stands alone stops what needs it, and is returned.
 */
export const execute = async ({ operations }: Plan, context: ExecuteContext): Promise<PartFailure[]> => {
  const failures = new Map<Part, PartFailure>();
  const failed = new AbortController();
  const signal = AbortSignal.any([context.signal, failed.signal]);
  const follow = progressOf(operations, context.deps.reporter);
  const runs = new Map<number, Promise<void>>();

  const run = (index: number): Promise<void> => {
    const known = runs.get(index) ?? begin(index);
    runs.set(index, known);
    return known;
  };
  const begin = async (index: number): Promise<void> => {
    const operation = operations[index];
    if (operation === undefined) return;
    await Promise.all(operation.needs.map(run));
    const { part } = operation;
    const isInVain = operation.needs.some((need) => failures.has(operations[need]?.part ?? part));
    if (signal.aborted || isInVain) return;
    const { step, update, end } = follow(operation);
    try {
      await perform(operation, { ...context, signal }, update);
      end();
    } catch (error) {
      step.failed();
      if (standsAlone(part) && !signal.aborted) failures.set(part, { part, resource: resourceOf(operation), error });
      else if (!failed.signal.aborted) failed.abort(error);
    }
  };

  await Promise.all(operations.map((_, index) => run(index)));
  context.signal.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
  return [...failures.values()];
};

/** One step a resource, from its first operation to its last one: those of one resource follow each other. */
const progressOf = (operations: readonly Planned[], progress: Progress) => {
  const keyOf = (o: Planned): string => `${o.part} ${resourceOf(o)}`;
  const steps = new Map<string, Step>();
  return (operation: Planned) => {
    const key = keyOf(operation);
    const group = operations.filter((o) => keyOf(o) === key);
    const [outcome, doing] = [outcomeOf(group), doingOf(operation)];
    const begun = steps.get(key);
    begun?.update(doing);
    const step = begun ?? progress.start(resourceOf(operation), doing, { quiet: outcome === undefined });
    steps.set(key, step);
    return {
      step,
      update: (detail: string) => step.update(`${doing}: ${detail}`),
      end: () => (operation === group.at(-1) ? step.done(outcome) : undefined),
    };
  };
};
