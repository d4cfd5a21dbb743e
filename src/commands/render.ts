import type { RenderReport } from '../output/report.ts';
import type { Deps } from './deps.ts';
import { renderStack } from './render-stack.ts';
import { withSession } from './session.ts';

/** prometheus.yml as `up` would write it now. */
export const runRender = (deps: Deps): Promise<RenderReport> =>
  withSession(deps, async (session) => {
    const { prometheusConfig, detection, notices } = await renderStack(session, { mode: 'visit' });
    const unasked = detection.rows.filter((row) => row.verdict === 'to-be-asked').length;
    const notice = `Prometheus does not run, so ${unasked} found endpoints were not asked; \`monitor up\` asks them first`;
    return { kind: 'render', text: prometheusConfig, notices: [...(unasked === 0 ? [] : [notice]), ...notices] };
  });
