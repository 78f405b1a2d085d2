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
    file: 'auth/src/lib/key-server.ts',
    code: 'private keys: readonly PublishedKey[] = [];',
    why: 'No key is read before the first fetch that succeeds, which sets them.',
  },
  {
    file: 'auth/src/lib/key-server.ts',
    code: 'private isFailing = false;',
    why: 'The first request fetches the keys, which sets it.',
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
];
