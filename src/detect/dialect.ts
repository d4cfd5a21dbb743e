/** What is assumed where the version is not known. */
const NEWEST_PROMETHEUS = '3.13.2';

export type Dialect = ReturnType<typeof dialectOf>;

/**
 * What Prometheus's versions disagree on where they ask for metrics and read them. A version that is not one (`main`, empty)
 * counts as the newest.
 * Sources: scrape/scrape.go, config/config.go and model/textparse of Prometheus v2.42.0 to v3.13.0.
 */
export const dialectOf = (version: string = NEWEST_PROMETHEUS) => {
  const numbers = /^v?(\d+)\.(\d+)/.exec(version) ?? /^(\d+)\.(\d+)/.exec(NEWEST_PROMETHEUS) ?? [];
  const [major, minor] = [Number(numbers[1]), Number(numbers[2])];
  const since = (wanted: number, at: number): boolean => major > wanted || (major === wanted && minor >= at);
  return {
    version,
    /** The request header. */
    accept: since(3, 0) ? ACCEPT_3 : since(2, 49) ? ACCEPT_2_49 : ACCEPT_2,
    /** A missing or unknown Content-Type needs `fallback_scrape_protocol`; before 3.0 it is read as the text format. */
    strictContentType: since(3, 0),
    /** Quoted names: `{"my.metric","my.label"="x"}`. Before, blanks before a name are refused, and OpenMetrics's `{a="b",}`. */
    quotedNames: since(2, 51),
    /** Names may be any UTF-8. */
    utf8Names: since(3, 0),
    /** `{abc}` is taken for a quoted metric name, its first and last letter for the quotes. */
    bareNameInBraces: since(2, 51) && !since(3, 11),
    /** Samples that do not end in `_total` or `_bucket` may have exemplars. */
    anyExemplars: since(2, 43),
  };
};

const [OPENMETRICS, TEXT] = ['application/openmetrics-text', 'text/plain'];
const ACCEPT_3 = `${OPENMETRICS};version=1.0.0;escaping=allow-utf-8;q=0.6,${OPENMETRICS};version=0.0.1;q=0.5,${TEXT};version=1.0.0;escaping=allow-utf-8;q=0.4,${TEXT};version=0.0.4;q=0.3,*/*;q=0.2`;
const ACCEPT_2_49 = `${OPENMETRICS};version=1.0.0;q=0.5,${OPENMETRICS};version=0.0.1;q=0.4,${TEXT};version=0.0.4;q=0.3,*/*;q=0.2`;
const ACCEPT_2 = `${OPENMETRICS};version=1.0.0,${OPENMETRICS};version=0.0.1;q=0.75,${TEXT};version=0.0.4;q=0.5,*/*;q=0.1`;
