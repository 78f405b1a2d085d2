import { SIMILAR_TEXTS } from './similar-texts';

/* Stored IDs of calls and assistants. */

export const INT4 = [-(2 ** 31), -7, 0, 1, 2, 9, 10, 11, 100, 2 ** 31 - 1];
export const INT8 = [
  ...['-9223372036854775808', '-9007199254740993', '-1', '0', '9', '10', '9007199254740991'],
  ...['9007199254740992', '9007199254740993', '9223372036854775806', '9223372036854775807'],
];
export const UUIDS = [
  '00000000-0000-0000-0000-000000000000',
  '0b5c0a1e-0000-4000-8000-000000000001',
  '0b5c0a1e-0000-4000-8000-000000000002',
  '80000000-0000-1000-8000-00000000000f',
  '018f0000-0000-7000-8000-0000000000a0',
  '018f0000-0000-7000-8000-0000000000b0',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
];
export const TRICKY_TEXTS = [
  ...SIMILAR_TEXTS,
  ...[
    '',
    '\t',
    'a\tb',
    '\n',
    'a\nb',
    '\r\n',
    '\\t',
    '\\N',
    '\\.',
    "''",
    '"',
    'a"b',
    '\\\\',
    '%',
    '_',
  ],
  ...['\u0001', '\u007f', '\u2028', '$2', ':after0', '?', 'x'.repeat(200), '"id":5', '{', ','],
];
/** Texts that differ even if case, accents and trailing spaces are ignored. */
export const DISTINCT_TEXTS = [
  ...['acme', 'b', '7', '07', '7abc', '0x7', ' b', 'a\tb', 'a\nb', '\\t', '\\N', "''", '"', '\\'],
  ...['$1', ':after0', '?', '%', '_', 'ß😀', 'x'.repeat(200)],
];
