import { axum } from './axum.ts';
import { django } from './django.ts';
import { envoy } from './envoy.ts';
import { fastApi } from './fastapi.ts';
import { flask } from './flask.ts';
import { grpc } from './grpc.ts';
import type { Library } from './library.ts';
import { micrometer } from './micrometer.ts';
import { nginx } from './nginx.ts';
import { openTelemetryHttp } from './opentelemetry-http.ts';
import { openTelemetryRpc } from './opentelemetry-rpc.ts';
import { promClient } from './prom-client.ts';
import { prometheusNet } from './prometheus-net.ts';
import { ruby } from './ruby.ts';
import { starlette } from './starlette.ts';
import { traefik } from './traefik.ts';

/** In the order in which they are tried: where two know a name, the one that says more comes first. */
export const LIBRARIES: readonly Library[] = [
  openTelemetryHttp,
  openTelemetryRpc,
  micrometer,
  fastApi,
  flask,
  django,
  starlette,
  prometheusNet,
  axum,
  grpc,
  ruby,
  promClient,
  traefik,
  envoy,
  nginx,
];
