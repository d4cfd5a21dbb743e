import { isIP } from 'node:net';
import { quoted } from '../words.ts';
import { queryAsKeys } from './path-query.ts';

/**
 * The rule of a single value: it returns what is wrong with the text, or undefined. Its pattern is the same rule for the
 * JSON Schema, which an editor checks while the user types.
 */
export interface Rule {
  (text: string): string | undefined;
  pattern?: string;
}

const rule = ({ source: pattern }: RegExp, problem: Rule): Rule => Object.assign(problem, { pattern });

const DURATION = /^(?=.)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;
const UNIT_MS = [365 * 86_400_000, 7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000, 1];
/** Prometheus counts in nanoseconds of 64 bits: some 292 years. */
const LONGEST_MS = 2 ** 63 / 1e6;

/** A duration as Prometheus writes it, in milliseconds; undefined where it is not one. Source: ParseDuration in prometheus/common model/time.go. */
export function parseDuration(text: string): number | undefined {
  const match = text.length > 64 ? null : DURATION.exec(text);
  if (match === null) return undefined;
  const ms = UNIT_MS.reduce((sum, unit, i) => sum + unit * Number.parseInt(match[i + 1] ?? '0', 10), 0);
  return ms < LONGEST_MS ? ms : undefined;
}

const positiveDuration = (zero: string): Rule =>
  rule(DURATION, (text) => {
    const ms = parseDuration(text);
    if (ms === 0) return zero;
    if (ms !== undefined) return undefined;
    if (/^\d+$/.test(text)) return `must be a duration with its unit, such as \`15s\`: ${quoted(text)} has no unit`;
    return `must be a duration such as \`15s\`, \`1h30m\` or \`500ms\`, not ${quoted(text)}`;
  });

export const intervalRule = positiveDuration('must be longer than 0');
export const retentionTimeRule = positiveDuration(
  'must be longer than 0; to limit the data by size alone, write `100y` here and set `size`',
);

const SIZE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];

/** Bytes of a size as Prometheus writes it, which counts in powers of 1024. Source: the help of --storage.tsdb.retention.size. */
export function parseSize(text: string): number | undefined {
  const match = text.length > 32 ? null : /^(\d+)([KMGTPE]?B)$/.exec(text);
  return match === null ? undefined : Number(match[1]) * 1024 ** SIZE_UNITS.indexOf(match[2] ?? 'B');
}

/** Prometheus's bytes are a 64-bit number. */
export const sizeRule = rule(/^0*[1-9]\d*(B|KB|MB|GB|TB|PB|EB)$/, (text) => {
  const bytes = parseSize(text);
  if (bytes === undefined)
    return `must be a size such as \`512MB\` or \`10GB\` (B, KB, MB, GB, TB, PB, EB), not ${quoted(text)}`;
  if (bytes === 0) return 'must be larger than 0; omit `size` for no limit';
  return bytes < 2 ** 63 ? undefined : `${text} is more than Prometheus can count (8EB)`;
});

/** A first part is a registry only where it looks like a host: `Prom/x` is rather a misspelt repository. */
const IS_HOST = '(?=localhost[:/]|[^/]*[.:])';
const COMPONENT = '[a-z0-9]+(?:(?:\\.|__?|-+)[a-z0-9]+)*';
const DOMAIN = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?';
const TAG = '[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const IMAGE = new RegExp(`^(?:${IS_HOST}${DOMAIN}/)?${COMPONENT}(?:/${COMPONENT})*(?::${TAG})?(?:@${DIGEST})?$`);

/** Source: the grammar of distribution/reference. */
export const imageRule = rule(IMAGE, (text) => {
  if (text.length <= 512 && IMAGE.test(text)) return undefined;
  const lower = text.length <= 512 && IMAGE.test(text.toLowerCase());
  const why = lower ? `: ${quoted(text)} has capital letters before the tag` : `, not ${quoted(text)}`;
  return `must be an image reference such as \`prom/prometheus:v3.13.2\`${why}`;
});

const DOCKER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Source: the engine's own refusal, "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed" (moby daemon/names). */
const dockerNameRule = (what: string): Rule =>
  rule(DOCKER_NAME, (text) => {
    if (DOCKER_NAME.test(text)) return text.length <= 255 ? undefined : 'must not be longer than 255 characters';
    const shape = 'two or more letters, digits, `_`, `.` or `-`, the first a letter or digit';
    return `must be the name of a ${what} (${shape}), not ${quoted(text)}`;
  });

export const containerRule = dockerNameRule('container');

export const volumeRule = rule(DOCKER_NAME, (text) =>
  /^[./~]|\//.test(text) ? `must be the name of a volume, not a path: ${quoted(text)}` : dockerNameRule('volume')(text),
);

const BUILT_IN_NETWORKS = ['bridge', 'host', 'none', 'default'];

/** Docker's own networks resolve no container names, and cannot be created. */
export const networkRule = rule(DOCKER_NAME, (text) =>
  BUILT_IN_NETWORKS.includes(text)
    ? `must not be \`${text}\`: the networks that are built into Docker do not resolve container names`
    : dockerNameRule('network')(text),
);

const STACK_NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** The rule of Compose's project names, as the name becomes a label and a prefix of names. */
export const stackNameRule = rule(STACK_NAME, (text) =>
  STACK_NAME.test(text)
    ? undefined
    : `must be up to 63 lower-case letters, digits, \`_\` or \`-\`, the first a letter or digit, not ${quoted(text)}`,
);

export const portProblem = (port: number): string | undefined =>
  Number.isInteger(port) && port >= 1 && port <= 65_535 ? undefined : `must be a port from 1 to 65535, not ${port}`;

export const bindRule: Rule = (text) => {
  if (isIP(text) !== 0 && !text.includes('%')) return undefined;
  const unbracketed = /^\[(.*)\]$/.exec(text)?.[1];
  if (unbracketed !== undefined && isIP(unbracketed) === 6) return `must be written without brackets: ${unbracketed}`;
  if (text === 'localhost') return 'must be an IP address: write 127.0.0.1';
  return `must be an IP address of this machine, such as 127.0.0.1 (or 0.0.0.0 for all of them), not ${quoted(text)}`;
};

const METRICS_PATH = /^\/[^?#\s]*$/;

export const metricsPathRule = rule(METRICS_PATH, (text) => {
  if (!text.startsWith('/')) return `must start with \`/\`, such as \`/metrics\`, not ${quoted(text)}`;
  if (text.includes('?'))
    return `must not have a query (\`?\`): Prometheus takes it as \`params\`, in an entry of \`scrape_configs\` with \`${queryAsKeys(text)}\``;
  if (text.includes('#')) return 'must not have a fragment (`#`)';
  return text.length <= 2048 && METRICS_PATH.test(text)
    ? undefined
    : `must be a path without spaces of at most 2048 characters, not ${quoted(text)}`;
});

// biome-ignore lint/suspicious/noControlCharactersInRegex: no name has them
const JOB_NAME = /^[^\u0000-\u001f\u007f]{1,255}$/;

export const jobNameRule = rule(JOB_NAME, (text) => {
  if (text === '') return 'must not be empty';
  // Most names are of this kind, and detection has thousands of them.
  if (/^[\w.-]{1,255}$/.test(text) || (JOB_NAME.test(text) && text.trim() === text)) return undefined;
  return `must be at most 255 characters on one line, without spaces around, not ${quoted(text)}`;
});

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

export const dashboardPathRule: Rule = (text) => {
  const [, onPage, alone] =
    /^(?:https?:\/\/(?:www\.)?grafana\.com\/grafana\/dashboards\/(\d+).*|(\d+))$/.exec(text) ?? [];
  const id = onPage ?? alone;
  if (id !== undefined) return `must be a path; a dashboard of grafana.com is \`{grafana_com: ${id}}\``;
  if (/^\w+:\/\//.test(text)) return `must be a path, not a URL: ${quoted(text)}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: no path has them
  return text.trim() === '' || text.length > 4096 || /[\u0000-\u001f\u007f]/.test(text)
    ? `must be the path of a file or folder, not ${quoted(text)}`
    : undefined;
};

export const variableRule = rule(VARIABLE, (text) =>
  text.length <= 255 && VARIABLE.test(text)
    ? undefined
    : `must be the name of a variable, such as DB_PASSWORD, not ${quoted(text)}`,
);

export const userNameRule: Rule = (text) =>
  text !== '' && JOB_NAME.test(text) && !/[\s:]/.test(text)
    ? undefined
    : `must be a user name without spaces and colons, not ${quoted(text)}`;

/** Prometheus sets `job` and `instance` itself, and drops what starts with `__`. Source: its data model and relabelling. */
export const labelNameRule = rule(/^(?!__|job$|instance$)[a-zA-Z_][a-zA-Z0-9_]*$/, (name) => {
  if (name === 'job') return 'is set by Prometheus: use `job_name`';
  if (name === 'instance') return 'is set by Prometheus, from the address';
  if (name.startsWith('__')) return 'is reserved: Prometheus keeps labels that start with `__` for itself';
  return VARIABLE.test(name)
    ? undefined
    : 'is not a valid label name: use only letters, digits and `_`, with no digit first';
});
