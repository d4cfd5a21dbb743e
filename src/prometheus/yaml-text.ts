import { Document, type ScalarTag } from 'yaml';
import { Verbatim } from '../config/model.ts';

/** What is written of: plain data without cycles. A key whose value is undefined is left out. */
export type Data = string | number | boolean | readonly Data[] | { readonly [key: string]: Data | undefined };

/**
 * YAML text in block style, with a line's end behind each line. For the many plain words of a rendered configuration
 * it takes a tenth of the time of the YAML library, which is asked for every word that is not plain beyond doubt.
 */
export const blockText = (data: Data, indent = ''): string => {
  if (isList(data)) return data.map((item) => listItem(item, indent)).join('');
  if (typeof data !== 'object') return `${indent}${libraryText(data)}`;
  return Object.entries(data)
    .map(([key, value]) => (value === undefined ? '' : mapEntry(key, value, indent)))
    .join('');
};

const isList = (data: Data): data is readonly Data[] => Array.isArray(data);
const isEmpty = (data: object): boolean => Object.keys(data).length === 0;

const mapEntry = (key: string, value: Data, indent: string): string => {
  if (!isPlain(key)) return indented(libraryText({ [key]: value }), indent);
  if (isPlain(value)) return `${indent}${key}: ${value}\n`;
  if (isSimple(value)) return `${indent}${key}: "${value}"\n`;
  if (typeof value !== 'object' || isEmpty(value)) return indented(libraryText({ [key]: value }), indent);
  return `${indent}${key}:\n${blockText(value, `${indent}  `)}`;
};

const listItem = (item: Data, indent: string): string => {
  if (isPlain(item)) return `${indent}- ${item}\n`;
  if (typeof item !== 'object' || isEmpty(item)) return indented(libraryText([item]), indent);
  const deeper = `${indent}  `;
  return `${indent}- ${blockText(item, deeper).slice(deeper.length)}`;
};

/** Words, addresses, durations, and ids of containers that no YAML reader takes for anything else, such as a number. */
const PLAIN =
  /^(?:(?!(?:true|false|yes|no|on|off|y|n|null|nan|inf)$)[a-z_][\w./-]*(?::\d+)?|(?:\d+(?:ms|[smhdwy]))+|(?=\d*e?\d*[a-df])[\da-f]{12})$/i;
const isPlain = (data: Data): boolean => typeof data === 'string' && PLAIN.test(data);

/** Such as an id that reads like a number: in quotes it is a text for every reader. */
const isSimple = (data: Data): boolean => typeof data === 'string' && /^\w+$/.test(data);

const indented = (text: string, indent: string): string => text.replaceAll(/^(?=.)/gm, indent);

/** The same by the library, for data of any kind. Readers of YAML 1.1 and of 1.2 take it for the same. */
export const libraryText = (data: unknown): string =>
  new Document(data, {
    aliasDuplicateObjects: false,
    compat: 'yaml-1.1',
    customTags: (tags) => [VERBATIM, ESCAPED, ...tags],
  }).toString({ lineWidth: 0 });

const VERBATIM: ScalarTag = {
  tag: 'tag:yaml.org,2002:monitor-verbatim',
  default: true,
  identify: (value) => value instanceof Verbatim,
  stringify: ({ value }) => (value instanceof Verbatim ? value.text : String(value)),
  resolve: (text) => text,
};

/**
 * What Prometheus's YAML reader refuses or takes for a line's end unless it is an escape in double quotes, and halves
 * of surrogate pairs, which are no characters. Source: gopkg.in/yaml.v2, readerc.go and yamlprivateh.go.
 */
const UNREADABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\p{Cs}]/u;
const everyUnreadable = new RegExp(UNREADABLE, 'gu');

/** A block that begins with a space or a tab is refused, one with lines of spaces alone loses them. Source: the same, scannerc.go. */
const NO_BLOCK = /^\s|[\t\r]|\n +(?:\n|$)|\n\n$/;

const ESCAPED: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => typeof value === 'string' && (NO_BLOCK.test(value) || UNREADABLE.test(value)),
  stringify: ({ value }) =>
    JSON.stringify(String(value).replaceAll(/\p{Cs}/gu, '\ufffd')).replaceAll(
      everyUnreadable,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  resolve: (text) => text,
};
