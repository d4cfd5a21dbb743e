import type { MetricFamily } from '../metrics/family.ts';
import { compare, groupBy } from '../metrics/group.ts';

export interface FamilyGroup {
  title: string;
  families: readonly MetricFamily[];
}

/** A group of more families is divided, into parts of at least some. */
const MOST = 8;
const FEWEST = 3;
/** So many families that stand alone have their rows; more make a page of nothing but titles. */
const ALONE = 3;

/**
 * Families by the first part of their names; a group of many by its first two, where enough share them; many that
 * stand alone together. What web frameworks export by themselves comes behind a service's own.
 */
export const groupFamilies = (families: readonly MetricFamily[]): FamilyGroup[] => {
  const groups = [...groupBy(families, ({ name }) => prefix(name, 1))].flatMap(([title, members]) =>
    members.length > MOST ? divided(title, members) : [{ title, families: members }],
  );
  const alone = groups.filter((group) => group.families.length === 1 && !OF_FRAMEWORKS.test(group.title));
  const others = alone.length > ALONE ? alone : [];
  const kept = groups.filter((group) => !others.includes(group)).toSorted(inOrder);
  const rest = others.flatMap((group) => group.families).toSorted((a, b) => compare(a.name, b.name));
  return rest.length === 0
    ? kept
    : [...kept, { title: kept.length === 0 ? 'Metrics' : 'Other metrics', families: rest }];
};

const divided = (title: string, members: readonly MetricFamily[]): FamilyGroup[] => {
  const parts = [...groupBy(members, ({ name }) => prefix(name, 2))];
  const own = parts.filter(([, group]) => group.length >= FEWEST);
  const rest = parts.filter(([, group]) => group.length < FEWEST).flatMap(([, group]) => group);
  return [
    ...(rest.length === 0 ? [] : [{ title, families: rest }]),
    ...own.map(([sub, group]) => ({ title: sub, families: group })),
  ];
};

/** `shop_orders` of `shop_orders_created_total`. */
const prefix = (name: string, parts: number): string =>
  name
    .split(/[_.:]/)
    .filter((part) => part !== '')
    .slice(0, parts)
    .join('_');

const OF_FRAMEWORKS = /^(?:http|rpc|grpc|django|flask|starlette|axum|aspnetcore|kestrel|rails|expressjs|db)(?:_|$)/;

const inOrder = (a: FamilyGroup, b: FamilyGroup): number =>
  Number(OF_FRAMEWORKS.test(a.title)) - Number(OF_FRAMEWORKS.test(b.title)) || compare(a.title, b.title);
