import { askFromHost } from '../detect/ask-from-host.ts';
import { overlookedHint } from '../detect/overlooked.ts';
import { containerOf } from '../detect/place.ts';
import { suggest } from '../detect/suggestions.ts';
import type { Container } from '../docker/engine.ts';
import type { DetectReport } from '../output/report.ts';
import { isOfAnyStack } from '../stack/labels.ts';
import type { ObservedEngine } from '../stack/types.ts';
import type { Deps } from './deps.ts';
import { recognizeFor } from './detection.ts';
import { renderStack } from './render-stack.ts';
import { type Session, withSession } from './session.ts';

/** The verdict on every container, with its reason; changes nothing. */
export const runDetect = (deps: Deps): Promise<DetectReport> => withSession(deps, detectReport);

/** Whether monitor.yml has an exporter for it. */
const hasExporter = ({ loaded }: Session, { id }: Container, observed: ObservedEngine): boolean =>
  loaded.config.exporters.some((e) => e.for !== undefined && containerOf(e.for, observed)?.id === id);

const detectReport = async (session: Session): Promise<DetectReport> => {
  const { observed, detection, targets } = await renderStack(session, { mode: 'visit' });
  const asked = !detection.rows.some((row) => row.verdict === 'to-be-asked');
  const { candidates } = recognizeFor(session, observed);
  const rows = asked ? detection.rows : await askFromHost(session.engine.endpoint, candidates, detection.rows);
  const hint = overlookedHint(rows, candidates);
  const served = new Set(targets.map((t) => t.containerId));
  return {
    kind: 'detect',
    stack: session.loaded.config.name,
    enabled: session.loaded.config.detect.enabled,
    asked,
    rows,
    warnings: detection.warnings,
    suggestions: suggest(
      observed.containers.filter((c) => !isOfAnyStack(c)),
      (container) => served.has(container.id) || hasExporter(session, container, observed),
    ).map(({ container, server, message, command }) => ({ container: container.name, server, message, command })),
    ...(hint === undefined ? {} : { hint }),
  };
};
