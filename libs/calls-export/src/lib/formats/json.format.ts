import type { FileFormat } from './file-format';
import { jsonRows } from './json-rows';

/** A JSON array (RFC 8259) with one object per line. */
export const json: FileFormat = {
  mediaType: 'application/json; charset=utf-8',
  extension: 'json',
  schema: (call) => ({ type: 'array', items: call }),

  encoder(columns, options) {
    const separator = ',\n';
    return {
      head: '[',
      beforeFirst: '\n',
      separator,
      afterLast: '\n',
      tail: ']',
      ...jsonRows(columns, options, separator, ''),
    };
  },
};
