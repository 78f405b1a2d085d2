/**
 * Code of which a mutant behaves like the original, so that no test can notice it. Each entry leaves out the mutants
 * of one piece of code.
 *
 * - `file`: from `libs/`.
 * - `code`: the whole expression or statement; blanks and line breaks count as one blank.
 * - `why`: the reason that the report shows.
 *
 * @type {{ file: string; code: string; why: string }[]}
 */
export const EQUIVALENT = [
  {
    file: 'calls-export/src/lib/reading/postgres/binary-format.ts',
    code: 'at + 4 > bytes.length',
    why: 'Behind the end of the bytes a length is read as zero, so the end of the row is behind it too.',
  },
  {
    file: 'calls-export/src/lib/reading/to-cell.ts',
    code: '[]',
    why: 'Only the second and the later of the parts are taken.',
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
    code: 'this.isMade',
    why: 'Where no function makes a cell, to look for one finds none.',
  },
  {
    file: 'calls-export/src/lib/reading/postgres/binary-rows.ts',
    code: "typeof written === 'number'",
    why: 'A time is a number or null, which both comparisons take for 1970.',
  },
];
