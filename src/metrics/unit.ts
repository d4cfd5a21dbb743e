import { plainName } from './promql.ts';

export interface Unit {
  /** Grafana's id for a value (packages/grafana-data/src/valueFormats/categories.ts). */
  value: string;
  /** Grafana's id for the value per second. */
  rate: string;
  /** What the rate is divided by to have that unit; absent: 1. */
  perRate?: number;
  together: 'sum' | 'avg';
}

const count = (rate: string): Unit => ({ value: 'short', rate, together: 'sum' });
const amount = (value: string, rate: string): Unit => ({ value, rate, together: 'sum' });
const level = (value: string, rate = 'cps'): Unit => ({ value, rate, together: 'avg' });
/** Seconds per second are a share of the time. */
const time = (value: string, perRate?: number): Unit => ({ value, rate: 'percentunit', perRate, together: 'avg' });

export const COUNT: Unit = count('cps');

/** By the words of OpenMetrics and of names, and by OpenTelemetry's (UCUM) as its exporters write them. */
const UNITS: ReadonlyMap<string, Unit> = new Map(
  Object.entries({
    'seconds second sec s': time('s'),
    'milliseconds millis millisecond msec ms': time('ms', 1e3),
    'microseconds micros microsecond usec us': time('µs', 1e6),
    'nanoseconds nanos nanosecond nsec ns': time('ns', 1e9),
    'minutes min': time('m', 1 / 60),
    'hours h': time('h', 1 / 3600),
    'days d': time('d', 1 / 86400),
    'bytes byte By': amount('bytes', 'Bps'),
    'kilobytes kibibytes KiBy': amount('kbytes', 'KiBs'),
    'megabytes mebibytes MiBy': amount('mbytes', 'MiBs'),
    'bits bit': amount('bits', 'bps'),
    'ratio utilization': level('percentunit'),
    'percent percentage %': level('percent'),
    'celsius Cel': level('celsius'),
    fahrenheit: level('fahrenheit'),
    'kelvin K': level('kelvin'),
    'volts V': level('volt'),
    'amperes A': level('amp'),
    'watts W': amount('watt', 'cps'),
    'joules J': amount('joule', 'watt'),
    'hertz hz Hz': level('hertz'),
    'meters m': level('lengthm'),
    'grams g': amount('massg', 'cps'),
    'pascals Pa': level('pressurepa'),
    'requests request': count('reqps'),
    'operations operation ops': count('ops'),
    'packets packet': count('pps'),
  }).flatMap(([words, unit]) => words.split(' ').map((word) => [word, unit] as const)),
);

/** Parts of a name that say something else than its unit, where they stand behind it. */
const BEHIND =
  /^(?:total|sum|count|bucket|created|info|max|min|avg|mean|median|stddev|current|used|free|available|limit|high|low|p\d+)$/;

/** UCUM's annotations: `{request}`. `1` is a ratio where it says anything. */
const ofWord = (word: string): Unit | undefined => {
  const annotation = /^\{(.*)\}$/.exec(word)?.[1];
  return word === '1' ? UNITS.get('ratio') : UNITS.get(annotation ?? word);
};

/**
 * From UNIT, else as conventions have the name, else from the last parts of the name: `x_seconds_total`, `x_used_bytes`, `x_seconds_max`,
 * `x_seconds_by_view`; what neither says is a plain number.
 */
export const unitOf = (name: string, declared = ''): Unit => {
  const known = ofWord(declared) ?? ofWord(conventionalUnit(name) ?? '');
  if (known !== undefined) return known;
  const parts = name.replace(/_by_.*$/, '').split(/[_.:]/);
  const perSecond = /_per_sec(?:ond)?$/.test(name);
  const end = perSecond ? parts.length - 2 : parts.length;
  let at = end - 1;
  while (at > 0 && BEHIND.test(parts[at] ?? '')) at -= 1;
  const word = parts[at] ?? '';
  // A letter alone is a word of UCUM, and in a name anything.
  const unit = (word.length > 1 && at > 0 ? UNITS.get(word) : undefined) ?? COUNT;
  // `x_seconds_count` says how often, not how long.
  if (unit.value !== 'short' && /_count(?:_total)?$/.test(name)) return COUNT;
  return perSecond ? { ...unit, value: unit.rate, together: 'sum' } : unit;
};

/** The parts of a name without its type's and unit's: what it is about. A gauge called `cpu_count` is about that count. */
export const subject = (name: string, isGauge = false): string => {
  const parts = name.split(/[_.:]/).filter((part) => part !== '');
  const ofType = isGauge ? /^(?:total|sum|bucket|info)$/ : /^(?:total|sum|count|bucket|info)$/;
  const isUnit = (at: number): boolean =>
    at > 0 && parts[at - 1] !== 'per' && (parts[at] ?? '').length > 1 && isUnitWord(parts[at] ?? '');
  while (parts.length > 1 && ofType.test(parts.at(-1) ?? '')) parts.pop();
  while (isUnit(parts.length - 1)) parts.pop();
  // `uptime_in_seconds`
  if (parts.length > 1 && parts.at(-1) === 'in') parts.pop();
  // `wait_seconds_max` is the greatest wait.
  if (/^(?:max|min|avg|mean)$/.test(parts.at(-1) ?? '') && isUnit(parts.length - 2)) parts.splice(-2, 1);
  return parts.join(' ');
};

/** `frag_ratio` beside `frag_bytes` is about the ratio. */
const isUnitWord = (word: string): boolean =>
  UNITS.has(word) && !/^(?:requests?|operations?|packets?|utilization|ratio|percent(?:age)?|ops|min)$/.test(word);

/**
 * Units of metrics that leave them out of their names, and whose UNIT Prometheus does not keep from the text format:
 * OpenTelemetry's, whose exporters may add none, and Micrometer's shares. The first that fits.
 * Sources: https://opentelemetry.io/docs/specs/semconv/ (http, rpc, db, runtime, system, process), recorded:
 * @opentelemetry/exporter-prometheus 0.223.0 and micrometer-core 1.17.2.
 */
const CONVENTIONS: readonly (readonly [name: RegExp, unit: string])[] = [
  [/^http_(?:server|client)_(?:request|connection)_duration$/, 's'],
  [/^http_(?:server|client)_duration$/, 'ms'],
  [/^http_(?:server|client)_(?:request|response)_(?:body_)?size$/, 'By'],
  [/^(?:db_client_operation|messaging_(?:client_operation|process)|dns_lookup)_duration$/, 's'],
  [/^(?:v8js|jvm|cpython|dotnet)_gc_(?:duration|pause_time)$/, 's'],
  [/^nodejs_eventloop_(?:time|delay_\w+)$/, 's'],
  [/^(?:process|system|jvm)_cpu_time$/, 's'],
  [/^(?:process|system)_cpu_usage$/, '1'],
  [/^v8js_memory_heap_\w+$/, 'By'],
  [/^(?:process|system|jvm)_memory_(?:usage|virtual|used|committed|limit|used_after_last_gc)$/, 'By'],
  [/^(?:process|system)_(?:disk|network)_io$/, 'By'],
];

/** In OpenTelemetry's words: `s`, `By`, `1`. `undefined`: no convention has a metric of this name. */
const conventionalUnit = (name: string): string | undefined => {
  const plain = plainName(name).replace(/_total$/, '');
  return CONVENTIONS.find(([pattern]) => pattern.test(plain))?.[1];
};
