import { type Answer, json, noSuchRoute, notKnown } from '../answer.ts';
import { type Call, type Context, type Route, route } from '../router.ts';

/** Source: a Grafana 12.4.3 (`v0alpha1` and newer); 13 has the same API as `v1`. */
export const dashboardMetadataRoutes: readonly Route[] = [
  route('GET', '/apis/dashboard.grafana.app/:other/namespaces/default/dashboards', metadata),
];

const METADATA = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

function metadata({ profile, store }: Context, { incoming }: Call): Answer {
  if (!profile.unifiedStorage) return noSuchRoute();
  if (incoming.headers.accept !== METADATA) return notKnown('a list of whole dashboards');
  const { dashboards, folders, sequences } = store.read();
  const items = dashboards.map(({ uid, folderId, versions, created }) => ({
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: {
      name: uid,
      namespace: 'default',
      resourceVersion: `${versions[0]?.id ?? 0}`,
      creationTimestamp: created,
      annotations: { 'grafana.app/folder': folders.find(({ id }) => id === folderId)?.uid ?? '' },
    },
  }));
  return json(200, {
    kind: 'PartialObjectMetadataList',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: `${sequences.dashboardVersion}` },
    items,
  });
}
