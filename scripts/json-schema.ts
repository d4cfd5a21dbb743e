import { writtenConfig } from '../src/config/schema.ts';

/**
 * The JSON Schema of monitor.yml, for editors: draft-07, the newest that yaml-language-server knows fully.
 * The build writes it to schema/monitor.schema.json, from where `init` copies it beside the user's file.
 */
export const jsonSchema = (): object => ({ $schema: 'http://json-schema.org/draft-07/schema#', ...writtenConfig.json });
