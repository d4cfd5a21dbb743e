import { describe, expect, it } from 'vitest';
import type { DetectedRow } from '../../../src/detect/assemble.ts';
import type { Candidate } from '../../../src/detect/types.ts';
import { overlookedHint } from '../../../src/explain/overlooked.ts';
import { container } from '../../support/containers.ts';

interface Asked {
  name: string;
  code: string;
  port?: number;
  verdict?: DetectedRow['verdict'];
  source?: Candidate['source'];
  image?: string;
}

const hint = (...asked: Asked[]): string | undefined => hintBeside([], ...asked);

/** `targets`: names of containers that have one. */
const hintBeside = (targets: readonly string[], ...asked: Asked[]): string | undefined =>
  overlookedHint(
    asked.map(({ name, code, port = 80, verdict = 'refused' }) => ({
      container: name,
      port,
      metrics_path: '/metrics',
      verdict,
      code,
      reason: '',
    })),
    asked.map(({ name, port = 80, source = 'port', image = 'example/app' }) => ({
      container: container(name, { image }),
      port,
      metrics_path: '/metrics',
      scheme: 'http',
      job: name,
      source,
      reason: '',
    })),
    targets.map((name) => ({ containerId: container(name).id })),
  );

describe('a hint on what gave no metrics', () => {
  it('names what is like an application, and where to read more', () => {
    expect(hint({ name: 'spring', code: 'not-found' })).toBe(
      '1 container gave no metrics (spring): `monitor explain spring` tells why',
    );
    expect(hint({ name: 'spring', code: 'not-found' }, { name: 'auth', code: 'unauthorized' })).toBe(
      '2 containers gave no metrics (auth, spring): `monitor explain NAME` tells why',
    );
  });

  it.each(['broken-metrics', 'bom', 'json-string', 'not-utf8', 'host-refused', 'compressed'])(
    'names what is meant as metrics and broken: %s',
    (code) => {
      expect(hint({ name: 'app', code })).toContain('(app)');
    },
  );

  it('is one short line however many there are', () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ name: `app${i}`, code: 'not-found' }));
    expect(hint(...many)).toBe(
      '40 containers gave no metrics (app0, app1, app10, …): `monitor explain NAME` tells why',
    );
  });

  it('leaves out a container of which monitor.yml names another path', () => {
    const asked = [
      { name: 'spring', code: 'not-found' },
      { name: 'other', code: 'not-found' },
    ];
    expect(hintBeside(['spring'], ...asked)).toContain('1 container gave no metrics (other)');
  });

  it('has whatever a label names', () => {
    expect(hint({ name: 'a', code: 'refused', source: 'label' })).toContain('(a)');
  });

  it.each<[string, Asked[]]>([
    ['a web page', [{ name: 'a', code: 'html' }]],
    ['a port on which nothing listens', [{ name: 'a', code: 'refused' }]],
    ['a web server for which there is an exporter', [{ name: 'a', code: 'not-found', image: 'nginx' }]],
    [
      'a container with a target',
      [
        { name: 'a', code: 'not-found' },
        { name: 'a', code: 'port', verdict: 'scraped', port: 9100 },
      ],
    ],
    ['what was not asked yet', [{ name: 'a', code: 'to-be-asked', verdict: 'to-be-asked', source: 'label' }]],
    ['nothing', []],
  ])('is not for %s', (_, asked) => {
    expect(hint(...asked)).toBeUndefined();
  });
});
