import { CSV_HEADER, CSV_NEWLINE } from './encode-csv';
import type { ExportFormat } from './export-format';

/** What stands around and between the calls of a file. */
interface FileFrame {
  readonly head: string;
  readonly beforeFirst: string;
  readonly separator: string;
  readonly afterLast: string;
  readonly tail: string;
}

/** By which some programs know that a file is UTF-8. JSON must not begin with it (RFC 8259, section 8.1). */
export const BYTE_ORDER_MARK = '\ufeff';

/** CSV ends each line, the last one too; JSON has an object a line. */
export const FRAMES: Readonly<Record<ExportFormat, FileFrame>> = {
  csv: {
    head: CSV_HEADER + CSV_NEWLINE,
    beforeFirst: '',
    separator: CSV_NEWLINE,
    afterLast: CSV_NEWLINE,
    tail: '',
  },
  json: { head: '[', beforeFirst: '\n', separator: ',\n', afterLast: '\n', tail: ']' },
};
