import fc from 'fast-check';

/** Any text at all: control characters, half surrogate pairs, and plain ASCII among them. */
export const wildText = (maxLength = 30): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 0x10ffff })), { maxLength })
    .map((points) => String.fromCodePoint(...points));
