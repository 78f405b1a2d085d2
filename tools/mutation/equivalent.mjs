/**
 * Code whose mutants behave like the original, so that no test can detect them. Each entry ignores the
 * mutants of one piece of code.
 *
 * - `file`: the path from `libs/`.
 * - `code`: the complete expression or statement. Whitespace is normalized.
 * - `why`: the reason, for the report.
 *
 * @type {{ file: string; code: string; why: string }[]}
 */
export const EQUIVALENT = [
  {
    file: 'auth/src/lib/key-server.ts',
    code: 'private keys: readonly PublishedKey[] = [];',
    why: 'The keys are only read after a successful fetch, which sets them.',
  },
  {
    file: 'auth/src/lib/key-server.ts',
    code: 'private isFailing = false;',
    why: 'The first request fetches the keys, which sets the flag.',
  },
  {
    file: 'calls-export/src/lib/formats/csv.format.ts',
    code: 'found !== 0',
    why: 'A fast path. The slower loop writes the same bytes.',
  },
  {
    file: 'calls-export/src/lib/formats/csv.format.ts',
    code: "typeof cell === 'string'",
    why: 'Cells of text columns are strings or null, and the guard does not change null.',
  },
  {
    file: 'calls-export/src/lib/formats/formula-guard.ts',
    code: 'this.separator.test(text)',
    why: 'A fast path. The slower search finds nothing in a text without separators.',
  },
  {
    file: 'calls-export/src/lib/formats/formula-guard.ts',
    code: 'next < end',
    why: 'The tested text is truncated at its end, so nothing is found beyond it.',
  },
  {
    file: 'calls-export/src/lib/formats/formula-guard.ts',
    code: 'next === end',
    why: 'Then the tested text is only a separator, without a formula after it.',
  },
  {
    file: 'calls-export/src/lib/formats/formula-guard.ts',
    code: 'byte >= 0x80',
    why: 'No character starts with a byte from 0x80 to 0xc1, and checking a byte twice is harmless.',
  },
  {
    file: 'calls-export/src/lib/formats/write-bytes.ts',
    code: 'day !== lastDay',
    why: 'A cache. Without it, the same text is written again.',
  },
  {
    file: 'calls-export/src/lib/formats/write-bytes.ts',
    code: "typeof value === 'bigint'",
    why: 'A fast path. Converting the number to a string yields the same digits.',
  },
  {
    file: 'calls-export/src/lib/formats/xlsx/cell-limit.ts',
    code: 'end - start',
    why: 'A fast path. Such a short text fits in any case.',
  },
  {
    file: 'calls-export/src/lib/model/time-zone.ts',
    code: 'name.toLowerCase()',
    why: 'A cache key. Names in upper case work just as well.',
  },
  {
    file: 'calls-export/src/lib/reading/account-queries.ts',
    code: "this.entities.of('assistant')",
    why: "Any value other than 'call' means the assistants.",
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "'after'",
    why: 'A parameter can have any unique name.',
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "'to'",
    why: 'A parameter can have any unique name.',
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "status ?? ''",
    why: 'Without a status, any printable ASCII text has the same effect.',
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "entities.of('assistant')",
    why: "Any value other than 'call' means the assistants.",
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "this.entities.of('assistant')",
    why: "Any value other than 'call' means the assistants.",
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "'loose'",
    why: "Only 'padded' is compared differently.",
  },
  {
    file: 'calls-export/src/lib/reading/calls-source.ts',
    code: '[]',
    why: 'The additional columns do not affect the number of calls.',
  },
  {
    file: 'calls-export/src/lib/reading/dialects/index-columns.ts',
    code: 'second?.isDescending',
    why: 'The second column is only read if there is one.',
  },
  {
    file: 'calls-export/src/lib/reading/dialects/mysql-times.ts',
    code: '[]',
    why: 'The first element is skipped.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-format.ts',
    code: 'at + 4 > bytes.length',
    why: 'Beyond the end, a length is read as zero, so the end of the row is also beyond it.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: 'next - begin > LONG_ROW_BYTES',
    why: 'Both ways work for all rows; they only differ in speed.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: '4 * 1024',
    why: 'Both ways work for all rows; they only differ in speed.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: 'at === bytes.length',
    why: 'Prepending an empty remainder to the next bytes changes nothing.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: '[]',
    why: 'The created cell is stored there before it is read.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: 'this.hasComputed',
    why: 'A fast path. Without functions that create cells, the search finds none.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: "typeof written === 'number'",
    why: 'A time is a number or null, which both comparisons treat as 1970.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/postgres-columns.ts',
    code: '{ value: undefined }',
    why: 'A property defined without a value is undefined.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/postgres-columns.ts',
    code: '[]',
    why: 'The server sends the row description first, which replaces the list.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/try-copy.ts',
    code: '[]',
    why: 'The result is discarded, so its content does not matter.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/try-copy.ts',
    code: "{ formulaGuard: true, byteOrderMark: false, delimiter: ',' }",
    why: 'A row without columns writes nothing.',
  },
  {
    file: 'calls-export/src/lib/reading/date-bounds.ts',
    code: "this.exclude(query, start, 'since', except)",
    why: 'A parameter can have any unique name.',
  },
  {
    file: 'calls-export/src/lib/reading/date-bounds.ts',
    code: "this.exclude(query, start, 'before', notBefore)",
    why: 'A parameter can have any unique name.',
  },
  {
    file: 'calls-export/src/lib/reading/to-cell.ts',
    code: '[]',
    why: 'The first part is skipped.',
  },
  {
    file: 'calls-export/src/lib/reading/scan-bounds.ts',
    code: "'not started'",
    why: "Any value other than 'unknown' yields the message for a call that has not started.",
  },
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'before === after',
    why: 'A fast path. Without it, no clock change is found, and the time is the same.',
  },
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'later > first',
    why: 'If the two are equal, either is the result.',
  },
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'utc.getUTCFullYear() < 100',
    why: 'Years from 100 on are set to themselves.',
  },
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'after < before',
    why: 'The two are never equal there.',
  },
];
