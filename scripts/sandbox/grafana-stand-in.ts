import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GROUP, PASSWD } from './busybox-image.ts';
import { imageFromNode } from './node-image.ts';
import type { Say } from './run.ts';
import { directory, type Entry, text, tree } from './tar.ts';

const SOURCE = fileURLToPath(new URL('../../test/support/grafana-stand-in/', import.meta.url));
const HOME = '/usr/share/grafana';
const PROVISIONING = '/etc/grafana/provisioning';
/** What the official image leaves to whatever user the container runs as. */
const WRITABLE = { uid: 472, gid: 0, mode: 0o777 };

/**
 * A server that speaks the part of Grafana's API that `monitor` uses, in an image with the official one's user, paths,
 * variables, port and start script (grafana/grafana: Dockerfile and packaging/docker/run.sh). It answers as the version
 * that `monitor` starts by default, or as the one that STAND_IN_VERSION names.
 */
export function ensureGrafanaStandIn(say: Say): Promise<string> {
  const image = {
    name: 'monitor-sandbox/grafana-stand-in',
    bundles: [
      { entry: join(SOURCE, 'server.ts'), path: `${HOME}/bin/server.mjs` },
      { entry: join(SOURCE, 'cli.ts'), path: `${HOME}/bin/cli.mjs` },
    ],
    files: files(),
    user: '472',
    workdir: HOME,
    env: {
      PATH: `${HOME}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      GF_PATHS_CONFIG: '/etc/grafana/grafana.ini',
      GF_PATHS_DATA: '/var/lib/grafana',
      GF_PATHS_HOME: HOME,
      GF_PATHS_LOGS: '/var/log/grafana',
      GF_PATHS_PLUGINS: '/var/lib/grafana/plugins',
      GF_PATHS_PROVISIONING: PROVISIONING,
      STAND_IN_VERSION: process.env['STAND_IN_VERSION'] ?? '',
    },
    labels: { maintainer: 'Grafana Labs <hello@grafana.com>' },
    expose: [3000],
    entrypoint: ['/run.sh'],
  };
  return imageFromNode(image, say);
}

function files(): Entry[] {
  const provisioned = ['access-control', 'alerting', 'dashboards', 'datasources', 'notifiers', 'plugins'];
  const own = join(SOURCE, 'image');
  return [
    text('/etc/passwd', `${PASSWD}grafana:x:472:0:Linux User,,,:${HOME}:/sbin/nologin\n`),
    text('/etc/group', GROUP),
    ...[HOME, `${HOME}/bin`, `${HOME}/conf`, `${HOME}/public`].map((path) => directory(path)),
    directory('/etc/grafana', WRITABLE),
    text('/etc/grafana/grafana.ini', '', { uid: 472, gid: 0 }),
    ...[PROVISIONING, ...provisioned.map((name) => `${PROVISIONING}/${name}`)].map((path) => directory(path, WRITABLE)),
    ...['/var/lib/grafana', '/var/lib/grafana/plugins', '/var/log/grafana'].map((path) => directory(path, WRITABLE)),
    text('/run.sh', RUN_SH, { mode: 0o755 }),
    text(`${HOME}/bin/grafana`, GRAFANA, { mode: 0o755 }),
    text(`${HOME}/bin/grafana-cli`, `#!/bin/sh\nexec ${HOME}/bin/grafana cli "$@"\n`, { mode: 0o755 }),
    text(`${HOME}/bin/grafana-server`, `#!/bin/sh\nexec ${HOME}/bin/grafana server "$@"\n`, { mode: 0o755 }),
    ...(existsSync(own) ? tree(own) : []),
  ];
}

/** The one program of Grafana 9.4 and later: its first argument says what it is. */
const GRAFANA = `#!/bin/sh
verb=$1
[ $# -gt 0 ] && shift
case $verb in
  server) exec node ${HOME}/bin/server.mjs server "$@" ;;
  cli) exec node ${HOME}/bin/cli.mjs "$@" ;;
  *) echo "Usage: grafana server|cli [options]" >&2; exit 1 ;;
esac
`;

/** The official start script in the words of busybox's shell: the same checks, messages and command line. */
const RUN_SH = `#!/bin/sh -e

PERMISSIONS_OK=0
if [ ! -r "$GF_PATHS_CONFIG" ]; then
  echo "GF_PATHS_CONFIG='$GF_PATHS_CONFIG' is not readable."
  PERMISSIONS_OK=1
fi
if [ ! -w "$GF_PATHS_DATA" ]; then
  echo "GF_PATHS_DATA='$GF_PATHS_DATA' is not writable."
  PERMISSIONS_OK=1
fi
if [ ! -r "$GF_PATHS_HOME" ]; then
  echo "GF_PATHS_HOME='$GF_PATHS_HOME' is not readable."
  PERMISSIONS_OK=1
fi
if [ $PERMISSIONS_OK -eq 1 ]; then
  echo "You may have issues with file permissions, more information here: http://docs.grafana.org/installation/docker/#migrate-to-v51-or-later"
fi
if [ ! -d "$GF_PATHS_PLUGINS" ]; then
  mkdir "$GF_PATHS_PLUGINS"
fi

for VAR_NAME in $(env | sed -n -r 's/^(GF_[^=]+)__FILE=.+/\\1/p'); do
  VAR_NAME_FILE="\${VAR_NAME}__FILE"
  eval "VALUE=\\\${$VAR_NAME:-}"
  eval "FILE=\\\${$VAR_NAME_FILE}"
  if [ -n "$VALUE" ]; then
    echo >&2 "ERROR: Both $VAR_NAME and $VAR_NAME_FILE are set (but are exclusive)"
    exit 1
  fi
  echo "Getting secret $VAR_NAME from $FILE"
  CONTENT="$(cat "$FILE")"
  export "$VAR_NAME=$CONTENT"
  unset "$VAR_NAME_FILE" CONTENT
done

export HOME="$GF_PATHS_HOME"

exec grafana server \\
  --homepath="$GF_PATHS_HOME" \\
  --config="$GF_PATHS_CONFIG" \\
  --packaging=docker \\
  "$@" \\
  cfg:default.log.mode="console" \\
  cfg:default.paths.data="$GF_PATHS_DATA" \\
  cfg:default.paths.logs="$GF_PATHS_LOGS" \\
  cfg:default.paths.plugins="$GF_PATHS_PLUGINS" \\
  cfg:default.paths.provisioning="$GF_PATHS_PROVISIONING"
`;
