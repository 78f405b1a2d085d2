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
  // Workbooks and zones.
  {
    file: 'calls-export/src/lib/model/time-zone.ts',
    code: 'name.toLowerCase()',
    why: 'Zones are as well kept by their names in upper case.',
  },
  {
    file: 'calls-export/src/lib/formats/xlsx/cell-limit.ts',
    code: 'end - start',
    why: 'A text that ends so early fits in any case; it is only counted for longer.',
  },
];
