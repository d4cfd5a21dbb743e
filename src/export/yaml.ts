import { Document, visit } from 'yaml';
import { UNREADABLE } from '../prometheus/yaml-text.ts';

/**
 * YAML of plain data that readers of YAML 1.1 (kubectl, Prometheus) and of 1.2 (Compose) take for the same: `yes`, `012`
 * and `1:30` are quoted, and so is every other text that begins like a number. Texts of several lines are blocks.
 */
export const yamlText = (data: unknown, comment?: string): string => {
  const document = new Document(data, { version: '1.1', aliasDuplicateObjects: false });
  if (comment !== undefined) document.commentBefore = comment.replaceAll(/^/gm, ' ');
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && (NUMBER_LIKE.test(node.value) || isDelicate(node.value))) {
        node.value = node.value.replaceAll(/\p{Cs}/gu, '\ufffd');
        node.type = 'QUOTE_DOUBLE';
      }
    },
  });
  return escaped(document.toString({ lineWidth: 0, doubleQuotedAsJSON: true }));
};

const NUMBER_LIKE = /^[\d.+=<~-]/;
/** What a plain or a block scalar cannot carry to every reader unchanged. */
const isDelicate = (text: string): boolean => UNREADABLE.test(text) || /^\s|\r|[^\n]\t|[ \t]\n/.test(text);

const escaped = (text: string): string =>
  text.replaceAll(new RegExp(UNREADABLE, 'gu'), (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
