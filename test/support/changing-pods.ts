import type { Server, ServerResponse } from 'node:http';
import { type Listed, watchEvent } from '../../src/export/api-server.ts';

/** Lets the Pods that `api` lists from `pods` become others, and tells those who watch all of them. */
export const changingPods = (api: Server, pods: Listed[]): ((next: readonly Listed[]) => void) => {
  const watching: ServerResponse[] = [];
  api.on('request', ({ url = '' }, response) => {
    if (/^\/api\/v1\/pods\?.*\bwatch=(1|true)/.test(url)) watching.push(response);
  });
  return (next) => {
    const missingIn = (others: readonly Listed[]) => (pod: Listed) =>
      !others.some(({ metadata }) => metadata.name === pod.metadata.name);
    const gone = pods.filter(missingIn(next));
    const come = next.filter(missingIn(pods));
    pods.splice(0, pods.length, ...next);
    for (const response of watching) {
      for (const pod of gone) response.write(watchEvent('DELETED', 'Pod', pod));
      for (const pod of come) response.write(watchEvent('ADDED', 'Pod', pod));
    }
  };
};
