import type { Query, Question } from '../metrics/question.ts';

type HasSamples = (query: string) => boolean;

/** A question with those of its queries that have samples; `undefined` where none has, or nothing but a limit. */
export const answered = (question: Question, hasSamples: HasSamples): Question | undefined => {
  const [first, ...others] = question.queries.filter(({ expr }) => hasSamples(expr));
  if (first === undefined || (first.limit === true && others.length === 0)) return undefined;
  const queries: [Query, ...Query[]] = [first, ...others];
  return { ...question, queries };
};

/** Each query once, in the order in which they come. */
export const queriesOf = (questions: readonly Question[]): string[] => [
  ...new Set(questions.flatMap(({ queries }) => queries.map(({ expr }) => expr))),
];
