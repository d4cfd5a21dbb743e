import type { Dashboard as Schema } from '@grafana/schema';
import { expect, it } from 'vitest';
import { jobDraft } from '../../../src/dashboards/job.ts';
import type { Dashboard } from '../../../src/dashboards/model.ts';
import { familiesIn } from '../../support/exposition-samples.ts';

/** A type as JSON has it: an enum is its values. */
type Json<A> = A extends string
  ? `${A}`
  : A extends number
    ? number
    : A extends (infer Item)[]
      ? Json<Item>[]
      : A extends object
        ? { [Key in keyof A]: Json<A[Key]> }
        : A;

/** Without the datasource's name, which is for servers before 9. */
type From9<A> = A extends (infer Item)[]
  ? From9<Item>[]
  : A extends object
    ? { [Key in keyof A]: Key extends 'datasource' ? Exclude<A[Key], string> : From9<A[Key]> }
    : A;

/** The compiler is the test: what is written is what Grafana's own schema describes. */
const asInSchema = (dashboard: From9<Dashboard>): Json<Schema> => dashboard;

it('a generated dashboard is of Grafana’s own schema', () => {
  const options = { stack: 'shop', version: { major: 12 }, ours: { uid: 'prometheus', name: 'Prometheus' } };
  const dashboard: unknown = jobDraft({ job: 'shop', families: familiesIn('orders_total 1') }, options).dashboard(
    () => true,
  );
  const isFrom9 = (value: unknown): value is From9<Dashboard> => !JSON.stringify(value).includes('"datasource":"');
  expect(isFrom9(dashboard) && asInSchema(dashboard).schemaVersion).toBeGreaterThanOrEqual(36);
});
