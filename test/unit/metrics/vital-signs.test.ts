import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { questionsOf } from '../../../src/metrics/question.ts';
import { signQuery, signsOf } from '../../../src/metrics/signs.ts';
import { vitalSignsOf } from '../../../src/metrics/vital-signs.ts';
import { familiesIn, recordedFamilies } from '../../support/exposition-samples.ts';
import { syntaxError } from '../../support/promql-syntax.ts';

const recorded = readdirSync(new URL('../../fixtures/expositions', import.meta.url)).map((file) =>
  file.slice(0, -'.txt'.length),
);

describe('expositions of real libraries', () => {
  it.each([
    ['express-prom-bundle', 'http_request_duration_seconds_count', 'status_code', 'p95'],
    ['prometheus-api-metrics', 'http_request_duration_seconds_count', 'code', 'p95'],
    ['opentelemetry-node', 'http_server_request_duration_count', 'http_response_status_code', 'p95'],
    ['fastapi', 'http_requests_total', 'status', 'p95'],
    ['flask', 'flask_http_request_total', 'status', 'p95'],
    ['django', 'django_http_responses_total_by_status_total', 'status', 'p95'],
    ['starlette', 'starlette_requests_total', 'status_code', 'p95'],
    ['micrometer', 'http_server_requests_seconds_count', 'status', 'average'],
    ['go-grpc', 'grpc_server_handled_total', 'grpc_code', 'p95'],
    ['client-golang', 'api_requests_total', 'code', 'p95'],
  ])('%s: requests from %s, errors by %s, duration as %s', (library, requests, status, duration) => {
    const vital = vitalSignsOf(recordedFamilies(library), ['job="shop"']);
    expect(vital?.requests).toBe(`sum(rate(${requests}{job="shop"}[$__rate_interval]))`);
    expect(vital?.errors).toContain(`${requests}{${status}=~"`);
    expect(vital?.duration?.kind).toBe(duration);
  });

  it.each(recorded)('%s: every question is PromQL, and nothing is asked by instance or le', (library) => {
    const families = recordedFamilies(library);
    const context = { matchers: ['job="shop"'], families: new Map(families.map((f) => [f.name, f])) };
    const questions = families.flatMap((family) => questionsOf(family, context));
    const queries = questions.flatMap((question) => question.queries.map(({ expr }) => expr));
    expect(queries.filter((expr) => syntaxError(expr) !== undefined)).toEqual([]);
    expect(queries.filter((expr) => /by \([^)]*instance/.test(expr))).toEqual([]);
    expect(queries.filter((expr) => /avg[^(]*\(.*_bucket/.test(expr))).toEqual([]);
    expect(questions.filter(({ title, description, unit }) => !title || !description || !unit)).toEqual([]);
  });

  it.each([
    ['express-prom-bundle', ['cpu', 'memory', 'files', 'fileLimit', 'started', 'heap', 'lag', 'gc']],
    ['client-golang', ['cpu', 'memory', 'files', 'fileLimit', 'started', 'heap', 'concurrency', 'gc']],
    ['micrometer', ['cpu', 'files', 'fileLimit', 'started', 'heap', 'concurrency', 'gc']],
    ['opentelemetry-node', ['cpu', 'memory', 'heap', 'lag', 'gc']],
    ['fastapi', ['cpu', 'memory', 'files', 'fileLimit', 'started']],
  ])('%s: its process says %s', (library, signs) => {
    const found = signsOf(recordedFamilies(library));
    expect(found.map(({ sign }) => sign)).toEqual(signs);
    expect(found.map((sign) => syntaxError(signQuery(sign, ['job="shop"']))).filter(Boolean)).toEqual([]);
  });

  it('are known under the dotted names that OpenTelemetry has for them too', () => {
    const labels = 'http.response.status_code="200",otel.scope.name="http"';
    const families = familiesIn(`# TYPE http.server.request.duration histogram
http.server.request.duration_bucket{${labels},le="+Inf"} 1
http.server.request.duration_sum{${labels}} 1
http.server.request.duration_count{${labels}} 1
# TYPE process.cpu.time_seconds_total counter
process.cpu.time_seconds_total{process.cpu.state="user"} 1`);
    const vital = vitalSignsOf(families, []);
    expect(vital?.errors).toContain('{"http.server.request.duration_count","http.response.status_code"=~"5..');
    expect(vital?.duration).toMatchObject({ kind: 'p95' });
    expect(signsOf(families).map(({ sign, metric }) => [sign, metric])).toEqual([
      ['cpu', 'process.cpu.time_seconds_total'],
    ]);
  });

  it('the CPU of all that count it in seconds is its plain rate', () => {
    const cpu = signsOf(recordedFamilies('fastapi')).find(({ sign }) => sign === 'cpu');
    expect(cpu && signQuery(cpu, ['job=~"$job"', 'instance=~"$instance"'])).toBe(
      'rate(process_cpu_seconds_total{job=~"$job",instance=~"$instance"}[$__rate_interval])',
    );
  });
});

describe('services that count for themselves', () => {
  it('are known by the names of their metrics', () => {
    const text = `# TYPE myevents_bookings_request_duration_seconds histogram
myevents_bookings_request_duration_seconds_bucket{code="201",le="+Inf"} 2
myevents_bookings_request_duration_seconds_sum{code="201"} 1
myevents_bookings_request_duration_seconds_count{code="201"} 2`;
    const vital = vitalSignsOf(familiesIn(text), ['job="bookings"']);
    expect(vital?.library).toBeUndefined();
    expect(vital?.errors).toContain('code=~"5.."');
    expect(vital?.duration?.kind).toBe('p95');
  });

  it('serve what names HTTP: Grafana also counts its requests to datasources', () => {
    const histogram = (name: string) => `# TYPE ${name} histogram
${name}_bucket{code="200",le="+Inf"} 2
${name}_sum{code="200"} 1
${name}_count{code="200"} 2
`;
    const [datasource, http] = ['grafana_datasource_request_duration_seconds', 'grafana_http_request_duration_seconds'];
    const vital = vitalSignsOf(familiesIn(histogram(datasource) + histogram(http)), []);
    expect(vital?.families).toEqual([http]);
  });

  it('milliseconds become seconds', () => {
    const text = `# TYPE http_server_duration_milliseconds histogram
http_server_duration_milliseconds_bucket{http_status_code="200",le="+Inf"} 2
http_server_duration_milliseconds_sum{http_status_code="200"} 1
http_server_duration_milliseconds_count{http_status_code="200"} 2`;
    expect(vitalSignsOf(familiesIn(text), [])?.duration?.query).toMatch(/\)\)\) \/ 1000$/);
  });

  it('nginx’s total beside its classes is not counted twice', () => {
    const text = `# TYPE nginx_vts_server_requests_total counter
nginx_vts_server_requests_total{host="*",code="5xx"} 0
nginx_vts_server_requests_total{host="*",code="total"} 8`;
    expect(vitalSignsOf(familiesIn(text), [])?.requests).toContain('code!="total"');
  });

  it('metrics of clients, sizes and the metrics handler do not count as requests', () => {
    const text = `# TYPE promhttp_metric_handler_requests_total counter
promhttp_metric_handler_requests_total{code="200"} 2
# TYPE http_client_requests_total counter
http_client_requests_total{code="200"} 2`;
    expect(vitalSignsOf(familiesIn(text), [])).toBeUndefined();
  });
});
