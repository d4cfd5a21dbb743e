import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import { composeProject } from './compose-file.ts';
import { findCompose } from './find-compose.ts';
import type { Lab } from './measure.ts';
import { benchConfig } from './stack.ts';

/** The same two services as a stack of `monitor`, run by Compose. */
export interface ComposeStack {
  /** Which Compose it is, and what its healthchecks lack. */
  note: string;
  compose(...args: string[]): Promise<string>;
}

/** Writes its compose.yaml; nothing runs yet. Where there is no Compose: the reason. */
export const createComposeStack = async (lab: Lab, purpose: string): Promise<ComposeStack | string> => {
  const found = await findCompose(lab.say).catch((error: Error) => error.message);
  if (typeof found === 'string') return found;
  const config = await benchConfig(lab, `${purpose}-compose`);
  const folder = lab.folder(config.name);
  const { files, note } = await composeProject(config);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const compose = (...args: string[]) =>
    runCommand({ program: 'docker', args: ['compose', ...args], cwd: folder, env: found.env });
  lab.atEnd(() => compose('down', '--volumes'));
  return { note: [`Compose ${found.version}`, note].filter(Boolean).join('; '), compose };
};
