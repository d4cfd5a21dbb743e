import type { Profile } from './profile.ts';

/** What a person sees who opens the address in a browser. */
export function page(profile: Profile): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>This is not Grafana</title></head>
<body style="font: 16px/1.5 sans-serif; max-width: 40em; margin: 4em auto; padding: 0 1em">
<h1>This is not Grafana</h1>
<p>It is a stand-in for Grafana, made by the <code>monitor</code> project for machines that cannot pull Grafana's image
from a registry. There is no user interface and there are no graphs here.</p>
<p>It answers the part of the HTTP API of Grafana <strong>${profile.version}</strong> that <code>monitor</code> uses,
after ${profile.source}, and refuses everything else with status 501.</p>
<p>Queries go through to Prometheus, passwords are really checked, and datasources, folders and dashboards are kept.</p>
</body>
</html>
`;
}
