import type { Define } from '../cli/command.ts';
import { askFromHost } from '../detect/ask-from-host.ts';
import { containerOf } from '../detect/place.ts';
import { overlookedHint } from '../explain/overlooked.ts';
import { suggest } from '../exporters/suggestions.ts';
import type { ReportOf } from '../output/report.ts';
import { isOfAnyStack } from '../stack/labels.ts';
import { look } from '../stack/observe.ts';
import { renderStack } from '../stack/plan-up.ts';
import { type Deps, withSession } from '../stack/session.ts';

export const command: Define = (detect, invoke) => detect.action(invoke(runDetect));

/** The verdict on every container, with its reason; changes nothing. */
export const runDetect = (deps: Deps): Promise<ReportOf<'detect'>> =>
  withSession(deps, async (session) => {
    const { name: stack, detect, exporters } = session.loaded.config;
    const { snapshot, detection, targets, recognized } = await renderStack(session, await look(session));
    const asked = !detection.rows.some((row) => row.verdict === 'to-be-asked');
    const { candidates } = recognized;
    const rows = asked ? detection.rows : await askFromHost(session.engine.endpoint, candidates, detection.rows);
    const exported = exporters.map((e) => e.for && containerOf(e.for, snapshot)?.id);
    const served = new Set([...targets.map((t) => t.containerId), ...exported]);
    return {
      kind: 'detect',
      stack,
      enabled: detect.enabled,
      asked,
      rows,
      warnings: detection.warnings,
      suggestions: suggest(
        snapshot.containers.filter((c) => !isOfAnyStack(c)),
        ({ id }) => served.has(id),
      ).map((suggestion) => ({ ...suggestion, container: suggestion.container.name })),
      hint: overlookedHint(rows, candidates, targets),
    };
  });
