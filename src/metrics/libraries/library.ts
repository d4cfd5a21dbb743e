/** The metrics of served requests that a library exports: facts about it, as data. */
export interface Library {
  name: string;
  sources: readonly string[];
  servers: readonly Server[];
}

export interface Server {
  /** A counter, or a histogram or summary whose count it is. Several: as its versions and exporters write it. */
  requests: readonly string[];
  /** The labels that tell failed requests, first one that is there; a regular expression that fits a whole value. */
  failed: readonly Failed[];
  /** How long they took; absent: `requests` says it. */
  duration?: readonly string[];
  /** What durations are in; absent: seconds. */
  unit?: 'ms';
  /** What else its series have to be: a label and a value that they must not have. */
  except?: { label: string; value: string };
}

export interface Failed {
  label: string;
  values: string;
}

/** An HTTP status, or its class: `500`, `5xx`, `5XX`. */
export const SERVER_ERROR = '5..';

export const failedBy = (...labels: readonly string[]): Failed[] =>
  labels.map((label) => ({ label, values: SERVER_ERROR }));

/** gRPC's codes that say that the server failed, by name. Source: OpenTelemetry semantic conventions, "gRPC", server spans. */
export const GRPC_FAILED = 'Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss';
export const GRPC_FAILED_UPPER = 'UNKNOWN|DEADLINE_EXCEEDED|UNIMPLEMENTED|INTERNAL|UNAVAILABLE|DATA_LOSS';
/** The same as numbers. */
export const GRPC_FAILED_NUMBERS = '2|4|12|13|14|15';
