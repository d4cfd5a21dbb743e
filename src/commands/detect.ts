import type { Define } from '../cli/command.ts';
import { askFromHost } from '../detect/ask-from-host.ts';
import { containerOf } from '../detect/place.ts';
import type { Container } from '../docker/engine.ts';
import { overlookedHint } from '../explain/overlooked.ts';
import { suggest } from '../exporters/suggestions.ts';
import type { DetectReport } from '../output/report.ts';
import { isOfAnyStack } from '../stack/labels.ts';
import type { Snapshot } from '../stack/model.ts';
import { look, renderStack } from '../stack/plan-up.ts';
import { type Deps, type Session, withSession } from '../stack/session.ts';

export const command: Define = (detect, invoke) => {
  detect.action(invoke(runDetect));
};

/** The verdict on every container, with its reason; changes nothing. */
export const runDetect = (deps: Deps): Promise<DetectReport> => withSession(deps, detectReport);

/** Whether monitor.yml has an exporter for it. */
const hasExporter = ({ loaded }: Session, { id }: Container, observed: Snapshot): boolean =>
  loaded.config.exporters.some((e) => e.for !== undefined && containerOf(e.for, observed)?.id === id);

const detectReport = async (session: Session): Promise<DetectReport> => {
  const { snapshot: observed, detection, targets, recognized } = await renderStack(session, await look(session));
  const asked = !detection.rows.some((row) => row.verdict === 'to-be-asked');
  const { candidates } = recognized;
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
    hint,
  };
};
