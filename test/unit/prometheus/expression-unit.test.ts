import { expect, it } from 'vitest';
import { unitOfExpression } from '../../../src/prometheus/expression-unit.ts';

it.each([
  ['process_resident_memory_bytes{job="a"}', 'bytes'],
  ['sum by (job) (rate(process_cpu_seconds_total[5m]))', 'percentunit'],
  ['sum by (job) (rate(http_response_size_bytes_sum[5m]))', 'Bps'],
  ['histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket[5m])))', 's'],
  ['rate(http_request_duration_seconds_count[5m])', 'cps'],
  ['max_over_time(queue_wait_seconds[1h])', 's'],
  ['rate(cpu_milliseconds_total[5m])', ''],
  ['a_bytes / b_bytes', ''],
  ['a_bytes * 8', ''],
  ['count(a_bytes)', ''],
  ['absent(a_bytes)', ''],
  ['1', ''],
  ['sum(', ''],
])('%s is in "%s"', (expression, unit) => {
  expect(unitOfExpression(expression)).toBe(unit);
});
