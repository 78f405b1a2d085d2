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
    file: 'calls-export/src/lib/reading/dialects/index-columns.ts',
    code: 'second?.isDescending',
    why: 'A second column is looked at only from the second column on, so there is one.',
  },
  {
    file: 'calls-export/src/lib/reading/dialects/mysql-times.ts',
    code: '[]',
    why: 'Its first element is the one that is left out.',
  },
];
