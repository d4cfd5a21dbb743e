import type { Detection } from '../detect/assemble.ts';
import type { Recognized, ScrapeTarget } from '../detect/types.ts';
import { renderPrometheusConfig } from '../prometheus/render.ts';
import { observe } from '../stack/observe.ts';
import { resolveTargets } from '../stack/resolve-targets.ts';
import type { ObservedEngine } from '../stack/types.ts';
import { type DetectOptions, detect, recognizeFor } from './detection.ts';
import type { Session } from './session.ts';

/** prometheus.yml, and what it was rendered from. */
export interface RenderedStack {
  observed: ObservedEngine;
  targets: ScrapeTarget[];
  /** Networks that Prometheus needs beside those of the targets. */
  networks: string[];
  prometheusConfig: string;
  detection: Detection;
  notices: string[];
}

/** May look at the engine again, or get things ready, between the first look and the asking. */
export type BeforeAsking = (before: RenderedStack, recognized: Recognized) => Promise<ObservedEngine>;

const NOTHING_DETECTED: Detection = { targets: [], rows: [], warnings: [] };

/** Looks at the engine once, asks what may serve metrics, and renders. */
export const renderStack = async (
  session: Session,
  options: DetectOptions,
  beforeAsking: BeforeAsking = async ({ observed }) => observed,
): Promise<RenderedStack> => {
  const { engine, loaded } = session;
  const { config } = loaded;
  const observed = await observe(engine, config, session);
  const configured = resolveTargets(config, observed);
  const recognized = recognizeFor(session, observed);
  const render = (seen: ObservedEngine, detection: Detection, held: readonly string[]): RenderedStack => {
    const targets = [...configured.targets, ...detection.targets];
    return {
      observed: seen,
      targets,
      networks: [...configured.networks, ...held],
      prometheusConfig: renderPrometheusConfig(config, targets),
      detection,
      notices: [...configured.notices, ...detection.warnings],
    };
  };
  const ready = await beforeAsking(render(observed, NOTHING_DETECTED, []), recognized);
  const { detection, joined, held } = await detect(session, ready, recognized, configured, options);
  return render(joined.length > 0 ? await lookAgain(session, ready) : ready, detection, held);
};

/** The asking joined networks: the stack's containers are looked at once more. */
const lookAgain = async ({ engine }: Session, observed: ObservedEngine): Promise<ObservedEngine> => {
  const details = await Promise.all([...observed.own.keys()].map((id) => engine.inspectContainer(id)));
  return {
    ...observed,
    own: new Map(details.flatMap((detail) => (detail === undefined ? [] : [[detail.id, detail]]))),
  };
};
