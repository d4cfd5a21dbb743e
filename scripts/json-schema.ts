import { toJSONSchema } from 'zod/mini';
import { writtenConfig } from '../src/config/schema.ts';

/**
 * The JSON Schema of monitor.yml, for editors: draft-07, the newest that yaml-language-server knows fully.
 * The build writes it to schema/monitor.schema.json, from where `init` copies it beside the user's file.
 */
export const jsonSchema = (): object => toJSONSchema(writtenConfig, { target: 'draft-7', io: 'input' });
