export const API_PORT = 8181;

/** Apart from the API's, so that metrics can be kept inside the network when the API is published. */
export const METRICS_PORT = 9100;
