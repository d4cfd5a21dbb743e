import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { directory, type Entry, link, tree } from './tar.ts';

/** What programs in an image do without: documentation, translations, character sets, service files. */
const UNNEEDED =
  /^\/usr\/share\/(doc|man|info|locale|i18n|lintian|bug|bash-completion|fonts|javascript|icons|applications)$|\/gconv$|\/locale$|\/systemd$|^\/etc\/(init\.d|default|cron.*|logrotate\.d|pam\.d|ufw)$|^\/(lib|lib64|run)$/;

/**
 * The files of unpacked Debian packages, where they belong in an image built on busybox, whose /bin stays a folder of its
 * own: /lib and /lib64, under which every program looks for its loader, lead to /usr.
 */
export function systemFiles(unpacked: string, skip: (path: string) => boolean = () => false): Entry[] {
  const merged = ['lib', 'lib64'].filter((name) => existsSync(join(unpacked, 'usr', name)));
  return [
    directory('/usr'),
    ...merged.map((name) => link(`/${name}`, `usr/${name}`)),
    ...tree(unpacked, '', (path) => UNNEEDED.test(path) || skip(path)),
  ];
}
