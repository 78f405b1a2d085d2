import type { FileFormat } from './file-format';
import { jsonRows } from './json-rows';

/** Newline-delimited JSON (https://github.com/ndjson/ndjson-spec). Without calls, the file is empty. */
export const ndjson: FileFormat = {
  mediaType: 'application/x-ndjson',
  extension: 'ndjson',
  schema: () => ({ type: 'string' }),

  encoder: (columns, options) => ({
    head: '',
    beforeFirst: '',
    separator: '',
    afterLast: '',
    tail: '',
    ...jsonRows(columns, options, '', '\n'),
  }),
};
