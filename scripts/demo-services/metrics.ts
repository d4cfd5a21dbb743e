import { createServer } from 'node:http';
import { collectDefaultMetrics, Histogram, register } from 'prom-client';
import { METRICS_PORT } from './ports.ts';

/** Answers `GET /metrics`, with what prom-client knows of the process beside the service's own. */
export const serveMetrics = (): void => {
  collectDefaultMetrics();
  createServer(async (request, response) => {
    if (request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('The metrics are at /metrics.\n');
      return;
    }
    const text = await register.metrics();
    // `text/plain; version=0.0.4; charset=utf-8`: Prometheus 3 refuses an answer without a type that it knows.
    response.writeHead(200, { 'content-type': register.contentType }).end(text);
  }).listen(METRICS_PORT);
};

/** How long the service's API takes to answer; its `_count` is the number of requests. */
export const requestSeconds = (service: string): Histogram<'method' | 'route' | 'code'> =>
  new Histogram({
    name: `myevents_${service}_request_duration_seconds`,
    help: `Time until the API of ${service} has answered, in seconds`,
    labelNames: ['method', 'route', 'code'],
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5],
  });
