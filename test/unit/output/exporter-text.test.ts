import { expect, it } from 'vitest';
import type { ReportOf } from '../../../src/output/report.ts';
import { styleFor } from '../../../src/output/style.ts';
import { reportText } from '../../../src/output/text.ts';
import { NOW } from '../../support/output.ts';

const ADDED: ReportOf<'add-exporter' | 'remove-exporter'> = {
  kind: 'add-exporter',
  exporter: 'postgres',
  for: 'db',
  container: 'db-postgres-exporter',
  job: 'postgres',
  instance: 'db:5432',
  change: 'added',
  config: 'monitor.yml',
  applied: true,
  operations: [],
  notices: [],
};
const text = (changes: Partial<ReportOf<'add-exporter' | 'remove-exporter'>>): string[] =>
  reportText({ ...ADDED, ...changes }, styleFor(false), NOW).split('\n');

it('one that reads its server says how many metrics it has', () => {
  expect(text({ secrets: '.monitor/x', answer: { ok: true, metrics: 300, server: 'up' } })).toEqual([
    '✔ exporter postgres for db added to monitor.yml (job postgres, instance db:5432)',
    '  its credentials are in .monitor/x',
    '✔ db-postgres-exporter answered with 300 metrics and reads db',
  ]);
});

it('one that does not says why', () => {
  const answer = { ok: true, server: 'down', reason: 'it cannot', log: 'denied', remedy: 'do this' } as const;
  expect(text({ answer }).slice(1)).toEqual(['✘ db-postgres-exporter: it cannot', '  its log: denied', '  do this']);
});

it('while the stack is not running, says how to start it', () => {
  expect(text({ applied: false }).at(-1)).toBe('Next: `monitor up` applies this change');
  expect(text({ applied: false, kind: 'remove-exporter', change: 'absent', notices: ['n'] }).slice(1)).toEqual(['! n']);
});
