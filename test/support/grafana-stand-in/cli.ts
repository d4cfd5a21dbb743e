import { readFileSync } from 'node:fs';
import { parseArguments, resetPassword } from './reset-password.ts';

/** What `grafana cli` and `grafana-cli` run. */
try {
  const { userId, password } = parseArguments(process.argv.slice(2));
  resetPassword(process.env, userId, password ?? readFileSync(0, 'utf8').replace(/\r?\n$/, ''));
  console.log('\nAdmin password changed successfully ✔\n');
} catch (error) {
  console.error(`Error: ✗ ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
