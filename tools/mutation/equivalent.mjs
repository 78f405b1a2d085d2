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
  // Queries
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
];
