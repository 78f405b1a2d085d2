import type { ColumnDefinition, ColumnKind } from '../../model/export-column';
import { xlsx } from './xlsx.format';

const OPTIONS = { formulaGuard: true, byteOrderMark: false, delimiter: ',' } as const;

const columnOf = (
  kind: ColumnKind,
  title: string,
  examples?: ColumnDefinition['examples'],
): ColumnDefinition => ({ key: 'key', title, of: 'call', field: 'id', kind, examples });

const headOf = (...columns: ColumnDefinition[]) => xlsx.encoder(columns, OPTIONS).head;

const widthsOf = (...columns: ColumnDefinition[]) =>
  [...headOf(...columns).matchAll(/ width="([^"]*)"/g)].map(([, width]) => Number(width));

describe('The format xlsx', () => {
  it('is binary', () => {
    expect(xlsx).toMatchObject({
      mediaType: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      extension: 'xlsx',
      isBinary: true,
    });
    expect(xlsx.schema({})).toEqual({ type: 'string', format: 'binary' });
  });

  it('starts a sheet with bold titles in a frozen row', () => {
    expect(headOf(columnOf('integer', 'Call ID'), columnOf('text', '<a> & "b" '))).toBe(
      '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' +
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' +
        '<sheetViews><sheetView workbookViewId="0">' +
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' +
        '</sheetView></sheetViews><cols>' +
        '<col min="1" max="1" width="12" customWidth="1"/>' +
        '<col min="2" max="2" width="24" customWidth="1"/>' +
        '</cols><sheetData><row r="1">' +
        '<c r="A1" s="1" t="inlineStr"><is><t>Call ID</t></is></c>' +
        '<c r="B1" s="1" t="inlineStr"><is><t xml:space="preserve">&lt;a&gt; &amp; "b" </t></is></c>' +
        '</row>',
    );
  });

  it('makes columns as wide as their kind needs', () => {
    const kinds = ['integer', 'decimal', 'boolean', 'text', 'time'] as const;
    expect(widthsOf(...kinds.map((kind) => columnOf(kind, 'x')))).toEqual([12, 12, 8, 24, 20]);
    expect(widthsOf(columnOf('boolean', 'x', [null, null]))).toEqual([8]);
  });

  it.each<[string, ColumnDefinition, number]>([
    ['its title', columnOf('integer', 'x'.repeat(11)), 13],
    ['an example', columnOf('text', 'x', [null, 'x'.repeat(34)]), 36],
    ['a numeric example', columnOf('integer', 'x', [12_345_678_901, 1]), 13],
    [
      'the longest of title and examples',
      columnOf('boolean', 'x'.repeat(9), ['x'.repeat(10), true]),
      12,
    ],
    ['at most 60 characters', columnOf('text', 'x'.repeat(58), ['x'.repeat(59), null]), 60],
  ])('makes a column as wide as %s', (_, column, width) => {
    expect(widthsOf(column)).toEqual([width]);
  });

  it('writes nothing between rows', () => {
    const encoder = xlsx.encoder([columnOf('integer', 'n')], OPTIONS);
    expect(encoder).toMatchObject({
      beforeFirst: '',
      separator: '',
      afterLast: '',
      tail: '</sheetData></worksheet>',
    });
    const row = (n: number) => `<row r="0000000"><c r="A0000000" s="2"><v>${n}</v></c></row>`;
    expect(encoder.encodeRows([[7], [8]])).toBe(row(7) + row(8));
  });

  it('packs rows into a workbook', async () => {
    const pack = xlsx.encoder([columnOf('integer', 'n')], OPTIONS).pack;
    const pieces: Uint8Array[] = [];
    for await (const { bytes } of pack?.((async function* () {})()) ?? []) pieces.push(bytes);
    expect(Buffer.concat(pieces).toString('latin1')).toContain('xl/worksheets/sheet1.xml');
  });
});
