import { text } from '../answer.ts';
import { metricsContentType } from '../metrics.ts';
import { page } from '../page.ts';
import { type PublicHandler, publicRoute, type Route } from '../router.ts';

/** What anyone may ask. */
export const publicRoutes: readonly Route[] = [
  publicRoute('GET', '/api/health', health),
  publicRoute('HEAD', '/api/health', health),
  publicRoute('GET', '/healthz', () => text(200, 'text/plain; charset=utf-8', 'Ok')),
  publicRoute('GET', '/metrics', ({ metrics }) => text(200, metricsContentType, metrics.render())),
  publicRoute('GET', '/', frontPage),
  publicRoute('GET', '/login', frontPage),
];

function health({ profile }: Parameters<PublicHandler>[0]) {
  const { commit, version } = profile;
  const health = profile.unifiedStorage ? { database: 'ok', version, commit } : { commit, database: 'ok', version };
  const body = JSON.stringify(health, null, 2);
  return text(200, 'application/json; charset=UTF-8', body);
}

function frontPage({ profile }: Parameters<PublicHandler>[0]) {
  return text(200, 'text/html; charset=utf-8', page(profile));
}
