import type { LabelUse, MetricFamily } from './family.ts';
import { plainName } from './promql.ts';

/** More series than these are too many for one panel. */
export const MOST_SERIES = 12;
/** Shown of them, the greatest first, beside the total. */
export const SHOWN_OF_MANY = 10;

/**
 * The label that says most of a family: the one with most values of those that fit into a panel, names before numbers;
 * where none fits, the one with fewest, which has `many`. Never where a series comes from (`job`, `instance`), never a label whose values
 * are ids. `undefined` where no label tells its series apart.
 */
export const groupingOf = (family: MetricFamily): { label: string; many: boolean } | undefined => {
  const candidates = family.labels.filter((label) => label.values > 1 && !isPlace(label.name) && !isId(label));
  const few = candidates.filter(({ values }) => values <= MOST_SERIES);
  const best = (few.length > 0 ? few : candidates).toSorted(few.length > 0 ? bySaying : byFewest)[0];
  return best && { label: best.name, many: few.length === 0 };
};

const bySaying = (a: LabelUse, b: LabelUse): number => rank(a) - rank(b) || b.values - a.values || byName(a, b);
const byFewest = (a: LabelUse, b: LabelUse): number => rank(a) - rank(b) || a.values - b.values || byName(a, b);
const byName = (a: LabelUse, b: LabelUse): number =>
  Number(isPath(b.name)) - Number(isPath(a.name)) || (a.name < b.name ? -1 : 1);

/** What a request is for says more than how it went. */
const isPath = (name: string): boolean => /(?:^|[_.])(?:route|uri|path|handler|endpoint|view|operation)$/.test(name);

const rank = ({ name, top }: LabelUse): number => {
  if (/name$/i.test(name)) return 0;
  return top.every((value) => NUMBER.test(value)) ? 2 : 1;
};

/** Where a series comes from, which the panels of one job have in common or a variable selects. */
const isPlace = (name: string): boolean =>
  /^(?:job|instance|exported_job|exported_instance|otel_scope_.*|le|quantile|pod|host|hostname|service_instance_id)$/.test(
    plainName(name),
  );

const NUMBER = /^-?\d+(?:\.\d+)?$/;
/** `eventId`, and not `paid` or `grid`: a capital starts the word. */
const CAMEL_ID = /[a-z0-9](?:ID|Id|IDs|Ids|UUID|Uuid|Hash|Token|Ip|IP)$/;
const SNAKE_ID = /(?:^|[_.-])(?:id|ids|uuid|guid|hash|token|sha|ip|address|addr|email|session|trace|span)$/i;
/** UUIDs, long hexadecimal and decimal numbers, addresses. */
const ID_VALUE =
  /^(?:[0-9a-f]{8}-[0-9a-f]{4}-.*|(?=.*\d)[0-9a-f]{8,}|\d{4,}|\d+\.\d+\.\d+\.\d+(?::\d+)?|\[?[0-9a-f]*:[0-9a-f:]+\]?(?::\d+)?|[^@\s]+@[^@\s]+\.\w+)$/i;
/** Labels whose numbers stand for something: a status, a place in a row. */
const COUNTED =
  /(?:code|status|class|cpu|core|partition|shard|priority|level|generation|version|port|queue|replica|zone|rank|gpu|device|slot|stage|node)$/i;

/** Its values are ids: its name says so (unless they are words), or they look like it. */
const isId = ({ name, top }: LabelUse): boolean => {
  if (CAMEL_ID.test(name) || SNAKE_ID.test(name)) return !top.some((value) => /\s/.test(value));
  if (top.length > 0 && top.every((value) => ID_VALUE.test(value))) return true;
  return !COUNTED.test(name) && top.length > 0 && top.every((value) => NUMBER.test(value));
};
