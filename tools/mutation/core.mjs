const LIBRARY = 'libs/calls-export/src/lib';

/**
 * The path prefixes of the files that mutation tests cover. The specs beside these files must kill the mutants.
 */
export const CORE = [
  ...['formats', 'reading', 'export', 'options', 'model'].map((folder) => `${LIBRARY}/${folder}/`),
  `${LIBRARY}/http/date-interval.ts`,
  `${LIBRARY}/http/export-calls-query.pipe.ts`,
  `${LIBRARY}/http/id-parameter.ts`,
  'libs/auth/src/lib/',
];
