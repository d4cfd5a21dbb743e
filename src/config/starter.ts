import { MonitorError } from '../errors.ts';
import { DEFAULT_NAME, defaultsFor } from './defaults.ts';
import { imageRule, portProblem, stackNameRule } from './values.ts';
import { isRecord } from './words.ts';
import { inlineYaml } from './yaml-edit.ts';

export interface StarterOptions {
  /** templates/monitor.yml of the package: text with `$key` for values. */
  templateText: string;
  name?: string;
  prometheusPort?: number;
  grafanaPort?: number;
  prometheusImage?: string;
  grafanaImage?: string;
}

/** The column in which the comments behind values begin, so that they stand below one another. */
const COMMENT_COLUMN = 34;

/**
 * The text of a new monitor.yml, every default spelled out. Pure.
 * @throws MonitorError `invalid-option` where a name, port or image is invalid
 */
export function starterText(options: StarterOptions): string {
  const problems = optionProblems(options);
  if (problems.length > 0)
    throw new MonitorError({
      code: 'invalid-option',
      message: 'Invalid options for monitor.yml',
      detail: problems,
      suggestion: 'correct them; `monitor init` without options writes the defaults',
      exitCode: 2,
    });
  const values = starterValues(options);
  return options.templateText
    .split('\n')
    .map((line) => fillLine(line, values))
    .join('\n');
}

function optionProblems({
  name,
  prometheusPort,
  grafanaPort,
  prometheusImage,
  grafanaImage,
}: StarterOptions): string[] {
  const same = grafanaPort !== undefined && prometheusPort === grafanaPort;
  const checked: [option: string, problem: string | undefined][] = [
    ['--name', name === undefined ? undefined : stackNameRule(name)],
    ['--prometheus-port', prometheusPort === undefined ? undefined : portProblem(prometheusPort)],
    ['--grafana-port', grafanaPort === undefined ? undefined : portProblem(grafanaPort)],
    ['--grafana-port', same ? 'must differ from the port of Prometheus' : undefined],
    ['--prometheus-image', prometheusImage === undefined ? undefined : imageRule(prometheusImage)],
    ['--grafana-image', grafanaImage === undefined ? undefined : imageRule(grafanaImage)],
  ];
  return checked.flatMap(([option, problem]) => (problem === undefined ? [] : [`${option} ${problem}`]));
}

function starterValues({ name = DEFAULT_NAME, ...options }: StarterOptions): Record<string, unknown> {
  const { prometheus, grafana, ...rest } = defaultsFor(name);
  const ports = {
    prometheus: options.prometheusPort ?? besides(options.grafanaPort, prometheus.port),
    grafana: options.grafanaPort ?? besides(options.prometheusPort, grafana.port),
  };
  return {
    ...rest,
    prometheus: {
      ...prometheus,
      port: ports.prometheus,
      image: options.prometheusImage ?? prometheus.image,
    },
    grafana: {
      ...grafana,
      port: ports.grafana,
      image: options.grafanaImage ?? grafana.image,
    },
  };
}

/** A default port is moved up by one where the other service was given it. */
const besides = (given: number | undefined, port: number): number => (given === port ? port + 1 : port);

function fillLine(line: string, values: Record<string, unknown>): string {
  const match = /^( *\w+: )\$([\w.]+)(?:\s+(#.*))?$/.exec(line);
  if (match === null) return line;
  const [, before = '', key = '', comment] = match;
  const filled = `${before}${inlineYaml(valueAt(values, key))}`;
  return comment === undefined ? filled : `${filled.padEnd(COMMENT_COLUMN)} ${comment}`;
}

function valueAt(values: Record<string, unknown>, key: string): unknown {
  const value = key.split('.').reduce<unknown>((inner, step) => (isRecord(inner) ? inner[step] : undefined), values);
  if (value === undefined) throw new Error(`templates/monitor.yml has an unknown value: ${key}`);
  return value;
}
