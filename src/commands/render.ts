import type { Define } from '../cli/command.ts';
import type { ReportOf } from '../output/report.ts';
import { look } from '../stack/observe.ts';
import { renderStack } from '../stack/plan-up.ts';
import { type Deps, withSession } from '../stack/session.ts';
import { plural } from '../words.ts';

export const command: Define = (render, invoke) => render.action(invoke(runRender));

/** prometheus.yml as `up` would write it now. */
export const runRender = (deps: Deps): Promise<ReportOf<'render'>> =>
  withSession(deps, async (session) => {
    const { prometheusConfig, detection, notices } = await renderStack(session, await look(session));
    const unasked = detection.rows.filter((row) => row.verdict === 'to-be-asked').length;
    const notice = `${plural(unasked, 'endpoint')} not asked for metrics, since the image of Prometheus is not on this engine; \`monitor up\` pulls it and asks them`;
    return { kind: 'render', text: prometheusConfig, notices: [...(unasked === 0 ? [] : [notice]), ...notices] };
  });
