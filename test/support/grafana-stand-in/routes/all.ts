import type { Route } from '../router.ts';
import { annotationRoutes } from './annotations.ts';
import { dashboardMetadataRoutes } from './dashboard-metadata.ts';
import { dashboardRoutes } from './dashboards.ts';
import { datasourceHealthRoutes } from './datasource-health.ts';
import { datasourceRoutes } from './datasources.ts';
import { folderRoutes } from './folders.ts';
import { importRoutes } from './import.ts';
import { loginRoutes } from './login.ts';
import { pluginRoutes } from './plugins.ts';
import { proxyRoutes } from './proxy.ts';
import { publicRoutes } from './public.ts';
import { searchRoutes } from './search.ts';
import { userRoutes } from './users.ts';

export const routes: readonly Route[] = [
  ...publicRoutes,
  ...loginRoutes,
  ...datasourceRoutes,
  ...datasourceHealthRoutes,
  ...proxyRoutes,
  ...folderRoutes,
  ...dashboardRoutes,
  ...dashboardMetadataRoutes,
  ...importRoutes,
  ...searchRoutes,
  ...annotationRoutes,
  ...pluginRoutes,
  ...userRoutes,
];
