import { EXPORT_COLUMNS } from '../formats/export-columns';
import { FORMATS } from '../formats/export-formats';
import type { Cell, EncodedCalls } from '../formats/file-format';
import { exportFile } from './export-file';

const OPTIONS = { formulaGuard: true, byteOrderMark: false, delimiter: ',' } as const;
const HEADER =
  '"Call ID","Call SID","Assistant Name","Customer Phone","Status","Duration (seconds)","Started At","Ended At"\r\n';
const row = (id: number): Cell[] => [id, `CA${id}`, null, null, 'busy', null, null, null];
const json = (id: number) =>
  `{"id":${id},"call_sid":"CA${id}","assistant_name":null,"customer_phone_number":null,"status":"busy","duration":null,"started_at":null,"ended_at":null}`;
const csv = (id: number) => `${id},"CA${id}",,,"busy",,,\r\n`;

const FILES = {
  csv: (ids: number[]) => HEADER + ids.map(csv).join(''),
  json: (ids: number[]) => (ids.length > 0 ? `[\n${ids.map(json).join(',\n')}\n]` : '[]'),
  ndjson: (ids: number[]) => ids.map((id) => `${json(id)}\n`).join(''),
};

describe.each(['csv', 'json', 'ndjson'] as const)('exportFile in %s', (format) => {
  const encoder = FORMATS[format].encoder(EXPORT_COLUMNS, OPTIONS);

  async function* pages(...ids: number[][]): AsyncGenerator<EncodedCalls, void> {
    for (const page of ids) {
      yield { bytes: Buffer.from(encoder.encodeRows(page.map(row))), count: page.length };
    }
  }

  it.each([
    ['no pages', []],
    ['an empty page', [[]]],
    ['one page', [[1, 2, 3]]],
    ['several pages, some of them empty', [[], [1], [], [2, 3], [4], []]],
  ])('writes a file of %s', async (_, ids) => {
    let [file, rows] = ['', 0];
    for await (const { bytes, count } of exportFile(encoder, pages(...ids))) {
      expect(bytes.length).toBeGreaterThan(0);
      file += Buffer.from(bytes).toString();
      rows += count;
    }
    expect(file).toBe(FILES[format](ids.flat()));
    expect(rows).toBe(ids.flat().length);
  });

  it('closes the pages when it is closed early', async () => {
    let closed = false;
    async function* source() {
      try {
        yield* pages([1], [2]);
      } finally {
        closed = true;
      }
    }
    const file = exportFile(encoder, source());
    await file.next();
    await file.return();
    expect(closed).toBe(true);
  });
});
