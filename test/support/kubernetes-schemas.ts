import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { cacheDir } from '../../scripts/sandbox/paths.ts';
import { tryRun } from '../../scripts/sandbox/run.ts';
import type { KubernetesObject } from '../../src/export/objects.ts';
import { at, list } from './kubernetes-check.ts';

/** Answers what a schema has against an object, one line each. */
export type Validate = (object: KubernetesObject) => string[];

/** Why schemas cannot be had here: a test that needs them says so, and is skipped. */
export interface Missing {
  because: string;
}

const PACKAGE = 'kubernetes-validate';
const VERSION = '1.37.0';
const KINDS = [
  'namespace-v1',
  'serviceaccount-v1',
  'service-v1',
  'secret-v1',
  'configmap-v1',
  'persistentvolumeclaim-v1',
  'clusterrole-rbac-v1',
  'clusterrolebinding-rbac-v1',
  'statefulset-apps-v1',
  'deployment-apps-v1',
  'daemonset-apps-v1',
];

const UNPACK = `
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
wanted = tuple('/' + name + '.json' for name in sys.argv[3:])
archive.extractall(sys.argv[2], [n for n in archive.namelist() if '-strict/' in n and n.endswith(wanted)])
`;

/** The strict schemas of each version of Kubernetes, by its version. From PyPI's package, kept in the cache. */
export const kubernetesSchemas = async (): Promise<Map<string, Validate> | Missing> => {
  const folder = join(cacheDir(), `${PACKAGE}-${VERSION}`);
  if (!existsSync(folder)) {
    const aside = `${folder}.${process.pid}`;
    mkdirSync(aside, { recursive: true });
    const got = await tryRun('python3', [
      '-m',
      'pip',
      'download',
      '--no-deps',
      '--quiet',
      '--dest',
      aside,
      `${PACKAGE}==${VERSION}`,
    ]);
    const wheel = readdirSync(aside).find((name) => name.endsWith('.whl'));
    const unpacked =
      wheel === undefined
        ? got
        : await tryRun('python3', ['-c', UNPACK, join(aside, wheel), aside, '_definitions', ...KINDS]);
    if (wheel === undefined || unpacked.code !== 0) {
      rmSync(aside, { recursive: true, force: true });
      return { because: `pip does not get ${PACKAGE} ${VERSION}: ${unpacked.output.trim().split('\n').at(-1)}` };
    }
    rmSync(join(aside, wheel));
    if (existsSync(folder)) rmSync(aside, { recursive: true });
    else renameSync(aside, folder);
  }
  const versions = join(folder, 'kubernetes_validate', 'kubernetes-json-schema');
  return new Map(
    readdirSync(versions).map((name) => [name.replace('-local-strict', ''), strictIn(join(versions, name))]),
  );
};

const strictIn = (folder: string): Validate => {
  const ajv = new Ajv2020(LENIENT);
  ajv.addSchema(readJson(join(folder, '_definitions.json')));
  return validateBy((kind, apiVersion) => {
    const [version = '', group = ''] = apiVersion.split('/').reverse();
    const name = [kind.toLowerCase(), ...(group === '' ? [] : [group.split('.')[0]]), version].join('-');
    return KINDS.includes(name) ? ajv.compile(readJson(join(folder, `${name}.json`))) : undefined;
  });
};

/** Of the schemas themselves, and of formats, nothing is asked. */
const LENIENT = { strict: false, validateFormats: false, validateSchema: false };

const validateBy = (compile: (kind: string, apiVersion: string) => ValidateFunction | undefined): Validate => {
  const compiled = new Map<string, ValidateFunction | undefined>();
  return (object) => {
    const { kind, apiVersion } = object;
    if (!compiled.has(kind)) compiled.set(kind, compile(kind, apiVersion));
    const validate = compiled.get(kind);
    if (validate === undefined) return [`there is no schema of ${kind}`];
    validate(object);
    return (validate.errors ?? []).map((e) => `${kind}${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`);
  };
};

const readJson = (path: string): object => JSON.parse(readFileSync(path, 'utf8'));

const OPERATOR = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';

/** The definitions of the Prometheus operator's objects, from its Go module; unknown keys are refused. */
export const operatorSchemas = async (): Promise<Validate | Missing> => {
  const got = await tryRun('go', ['mod', 'download', '-json', OPERATOR], { env: { GOFLAGS: '-mod=mod' } });
  const folder = got.code === 0 ? String(at(JSON.parse(got.stdout), 'Dir')) : '';
  if (folder === '') return { because: `go does not get ${OPERATOR}: ${got.output.trim().split('\n').at(-1)}` };
  const ajv = new Ajv2020(LENIENT);
  return validateBy((kind) => {
    const name = kind === 'Prometheus' ? 'prometheuses' : `${kind.toLowerCase()}s`;
    return ajv.compile(
      strictSchema(join(folder, 'example', 'prometheus-operator-crd', `monitoring.coreos.com_${name}.yaml`)),
    );
  });
};

const strictSchema = (path: string): object => {
  const [version] = list(at(parse(readFileSync(path, 'utf8')), 'spec', 'versions'));
  return Object(strict(at(version, 'schema', 'openAPIV3Schema')));
};

/** What the API server does with unknown keys, which is to drop them, is an error here. */
const strict = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  // Some patterns are Go's.
  const known = Object.entries(schema).filter(([key, value]) => key !== 'pattern' || !String(value).includes('(?i)'));
  const inner = Object.fromEntries(known.map(([key, value]) => [key, strict(value)]));
  const isClosed =
    'properties' in schema &&
    typeof schema.properties === 'object' &&
    !('additionalProperties' in schema) &&
    !('x-kubernetes-preserve-unknown-fields' in schema);
  return isClosed && at(schema, 'type') === 'object' ? { ...inner, additionalProperties: false } : inner;
};
