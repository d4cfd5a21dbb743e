import { isUtf8 } from 'node:buffer';

/** Text here has one character for each byte (latin1), so that what is not UTF-8 is still seen. */

const ASCII = /^[\0-\x7f]*$/;

/** Whether these bytes are UTF-8, as Go's utf8.Valid says: an encoded surrogate is not. */
export const isUtf8Text = (bytes: string): boolean => ASCII.test(bytes) || isUtf8(Buffer.from(bytes, 'latin1'));

/** The text that these bytes are in UTF-8. */
export const decoded = (bytes: string): string =>
  ASCII.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
