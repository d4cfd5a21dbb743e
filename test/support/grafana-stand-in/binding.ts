import { type Answer, failure, text } from './answer.ts';
import { isObject, type Json, type JsonObject, parseJson } from './json.ts';
import type { Profile } from './profile.ts';

export type Bound =
  | { readonly kind: 'bound'; readonly value: JsonObject }
  | { readonly kind: 'refused'; readonly answer: Answer };

/**
 * Reads a request body that must have the `required` fields (named as in Go: `Name` is the body's `name`).
 * 7.5 lists everything that is wrong, with 400 for what is no JSON and 422 for missing fields; 9.4 says one message.
 * Every unreadable body is called an unexpected end, which is the one case that was recorded.
 */
export function bind(profile: Profile, body: string, required: readonly string[]): Bound {
  const parsed = parseJson(body);
  const value = isObject(parsed) ? parsed : undefined;
  const missing = required.filter((field) => !value?.[field.charAt(0).toLowerCase() + field.slice(1)]);
  if (value && missing.length === 0) return { kind: 'bound', value };
  if (!profile.itemisedBindingErrors) return { kind: 'refused', answer: failure(profile, 400, 'bad request data') };
  const unreadable: Json[] = value ? [] : [{ classification: 'DeserializationError', message: 'unexpected EOF' }];
  const entries = [...unreadable, ...missing.map(requiredError)];
  const answer = text(value ? 422 : 400, 'application/json; charset=utf-8', JSON.stringify(entries));
  return { kind: 'refused', answer };
}

function requiredError(field: string): Json {
  return { fieldNames: [field], classification: 'RequiredError', message: 'Required' };
}
