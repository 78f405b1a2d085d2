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
    why: 'It only saves the slower loop, which writes the same bytes.',
  },
  {
    file: 'calls-export/src/lib/formats/csv.format.ts',
    code: "typeof cell === 'string'",
    why: 'Of its kind, a cell of a text column is a text or null, which the guard leaves as it is.',
  },
  {
    file: 'calls-export/src/lib/formats/formula-guard.ts',
    code: 'this.separator.test(text)',
    why: 'It only saves the slower search, which finds nothing in a text without separators.',
  },
  {
    file: 'calls-export/src/lib/formats/formula-guard.ts',
    code: 'next < end',
    why: 'Behind the end of a text nothing is found: what is tested is cut off there.',
  },
  {
    file: 'calls-export/src/lib/formats/formula-guard.ts',
    code: 'next === end',
    why: 'What is tested then is a separator alone, behind which there is no formula.',
  },
  {
    file: 'calls-export/src/lib/formats/formula-guard.ts',
    code: 'byte >= 0x80',
    why: 'A character begins with no byte from 0x80 to 0xc1, and a byte too many is only looked at once more.',
  },
  {
    file: 'calls-export/src/lib/formats/write-bytes.ts',
    code: 'day !== lastDay',
    why: 'It only saves to write the text of the same day again.',
  },
  {
    file: 'calls-export/src/lib/formats/write-bytes.ts',
    code: "typeof value === 'bigint'",
    why: 'The digits of a number are those of its string, which is only slower to make.',
  },
  {
    file: 'calls-export/src/lib/formats/xlsx/cell-limit.ts',
    code: 'end - start',
    why: 'A text that ends so early fits in any case; it is only counted for longer.',
  },
  {
    file: 'calls-export/src/lib/model/time-zone.ts',
    code: 'name.toLowerCase()',
    why: 'Zones are as well kept by their names in upper case.',
  },
  {
    file: 'calls-export/src/lib/reading/account-queries.ts',
    code: "this.entities.of('assistant')",
    why: "Whatever is not 'call' names the assistants.",
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "'after'",
    why: 'A parameter may have any name that no other one has.',
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "'to'",
    why: 'A parameter may have any name that no other one has.',
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "status ?? ''",
    why: 'Where there is no status, any text of printable ASCII stands for it.',
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "entities.of('assistant')",
    why: "Whatever is not 'call' names the assistants.",
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "this.entities.of('assistant')",
    why: "Whatever is not 'call' names the assistants.",
  },
  {
    file: 'calls-export/src/lib/reading/calls-query.ts',
    code: "'loose'",
    why: "Only 'padded' texts are compared in another way.",
  },
  {
    file: 'calls-export/src/lib/reading/calls-source.ts',
    code: '[]',
    why: 'What is known of further columns changes no number of calls.',
  },
  {
    file: 'calls-export/src/lib/reading/dialects/index-columns.ts',
    code: 'second?.isDescending',
    why: 'A second column is looked at only from the second column on, so there is one.',
  },
  {
    file: 'calls-export/src/lib/reading/dialects/mysql-times.ts',
    code: '[]',
    why: 'Its first element is the one that is left out.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-format.ts',
    code: 'at + 4 > bytes.length',
    why: 'Behind the end of the bytes a length is read as zero, so the end of the row is behind it too.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: 'next - begin > LONG_ROW_BYTES',
    why: 'Room is made for either kind of row in either way; which one is quicker depends on the size.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: '4 * 1024',
    why: 'Room is made for either kind of row in either way; which one is quicker depends on the size.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: 'at === bytes.length',
    why: 'An empty rest is put before the next bytes, which changes nothing.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: '[]',
    why: 'A cell that is made is put there before it is read.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: 'this.hasComputed',
    why: 'Where no function makes a cell, to look for one finds none.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: "typeof written === 'number'",
    why: 'A time is a number or null, which both comparisons take for 1970.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/postgres-columns.ts',
    code: '{ value: undefined }',
    why: 'A property that is defined without a value has none.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/postgres-columns.ts',
    code: '[]',
    why: 'The server describes the rows before it answers, which replaces the list.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/try-copy.ts',
    code: '[]',
    why: 'What a row is read and written for makes no difference where none of it is kept.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/try-copy.ts',
    code: "{ formulaGuard: true, byteOrderMark: false, delimiter: ',' }",
    why: 'Nothing is written of a row without columns.',
  },
  {
    file: 'calls-export/src/lib/reading/date-bounds.ts',
    code: "this.exclude(query, start, 'since', except)",
    why: 'A parameter may have any name that no other one has.',
  },
  {
    file: 'calls-export/src/lib/reading/date-bounds.ts',
    code: "this.exclude(query, start, 'before', notBefore)",
    why: 'A parameter may have any name that no other one has.',
  },
  {
    file: 'calls-export/src/lib/reading/to-cell.ts',
    code: '[]',
    why: 'Only the second and the later of the parts are taken.',
  },
  {
    file: 'calls-export/src/lib/reading/scan-bounds.ts',
    code: "'not started'",
    why: "Whatever is not 'unknown' has the message of a call that has not started.",
  },
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'before === after',
    why: 'Without this shortcut, no move of the clock is found, and the time is the same.',
  },
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'later > first',
    why: 'Where the two are equal, either is the result.',
  },
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'utc.getUTCFullYear() < 100',
    why: 'A year from 100 on is set to itself.',
  },
  {
    file: 'calls-export/src/lib/reading/wall-clock.ts',
    code: 'after < before',
    why: 'The two differ there, so that their being equal does not matter.',
  },
];
