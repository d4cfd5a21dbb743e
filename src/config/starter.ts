import type { MonitorConfig } from './model.ts';
import { SERVERS } from './servers.ts';
import type { Path } from './shape.ts';
import { set } from './yaml-edit.ts';

/**
 * The text of a new monitor.yml: the package's templates/monitor.yml, which spells out every default, with the names,
 * images and ports of `config` in it. Pure.
 */
export function starterText(template: string, config: MonitorConfig): string {
  const values: [Path, string | number][] = [
    [['name'], config.name],
    [['network'], config.network],
    ...SERVERS.flatMap((server) =>
      (['image', 'container', 'volume', 'port'] as const).map((key): [Path, string | number] => [
        [server, key],
        config[server][key],
      ]),
    ),
  ];
  return values.reduce((text, [path, value]) => set(text, path, value) ?? text, template);
}
