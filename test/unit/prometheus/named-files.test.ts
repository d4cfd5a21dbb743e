import { expect, test } from 'vitest';
import { insteadOf, missingFiles, namedFiles } from '../../../src/prometheus/named-files.ts';

const CONFIG = {
  job_name: 'web',
  basic_auth: { username: 'me', password_file: '/run/pw' },
  tls_config: { ca_file: 'ca.pem', insecure_skip_verify: true },
  file_sd_configs: [{ files: ['/t/a.json', '/t/*.yml'] }],
  http_sd_configs: [{ url: 'http://x', authorization: { credentials_file: '/run/token' } }],
};

test('files are those of every key that takes one, where Prometheus looks for them', () => {
  expect(namedFiles([CONFIG]).map(({ key, path }) => `${key} ${path}`)).toEqual([
    'basic_auth.password_file /run/pw',
    'tls_config.ca_file /etc/prometheus/ca.pem',
    'file_sd_configs.files /t/a.json',
    'file_sd_configs.files /t/*.yml',
    'http_sd_configs.authorization.credentials_file /run/token',
  ]);
  const inHeader = { job_name: 'api', http_headers: { 'X-Api-Key': { files: ['/run/key'], values: ['a'] } } };
  expect(namedFiles([inHeader]).map(({ key, path }) => `${key} ${path}`)).toEqual([
    'http_headers.X-Api-Key.files /run/key',
  ]);
});

test('a label or a parameter whose name ends like that of a file names none', () => {
  const static_configs = [{ targets: ['web:80'], labels: { log_file: '/var/log/web' } }];
  expect(namedFiles([{ job_name: 'web', params: { key_file: ['a'] }, static_configs }])).toEqual([]);
});

test('of a pattern the folder has to be there', async () => {
  const there = new Set(['/t', '/run/token']);
  const engine = {
    statFile: async (_: string, path: string) => (there.has(path) ? { size: 1, modified: 1, mode: 0o644 } : undefined),
  };
  const missing = await missingFiles(engine, 'prometheus', [CONFIG]);
  expect(missing.map((file) => file.path)).toEqual(['/run/pw', '/etc/prometheus/ca.pem', '/t/a.json']);
});

test('a job does without a file by its content, or a copy on the volume', () => {
  const [password, ca, list, pattern] = namedFiles([CONFIG]);
  const told = (file: typeof password, version: string) =>
    file && insteadOf(file, { container: 'prometheus', version });
  expect(told(password, '2.42.0')).toContain('write `password: …`');
  expect(told(ca, '3.5.3')).toContain('write `ca: …`');
  expect(told(ca, '2.42.0')).toContain('`docker cp ca.pem prometheus:/prometheus/ca.pem`');
  expect(told(list, '3.5.3')).toContain('static_configs');
  expect(told(pattern, '3.5.3')).toContain('`docker cp /t/. prometheus:/prometheus/t`, write `/prometheus/t/*.yml`');
  const [onVolume] = namedFiles([{ job_name: 'b', file_sd_configs: [{ files: ['/prometheus/b.json'] }] }]);
  expect(told(onVolume, '3.5.3')).toContain('copy the file there, `docker cp b.json prometheus:/prometheus/b.json`');
});
