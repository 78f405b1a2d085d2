const LIBRARY = 'libs/calls-export/src/lib';

/** The files whose faults the unit tests beside the source have to notice, by how their paths begin. */
export const CORE = [
  ...['formats', 'reading', 'export', 'options', 'model'].map((room) => `${LIBRARY}/${room}/`),
  `${LIBRARY}/http/date-interval.ts`,
  `${LIBRARY}/http/export-calls-query.pipe.ts`,
  `${LIBRARY}/http/id-parameter.ts`,
  'libs/auth/src/lib/',
];
