import { columnOf } from '../../../test/column-of';
import type { ColumnKind } from '../model/export-column';
import { TimeZone } from '../model/time-zone';
import type { Cell, FormatOptions } from './file-format';
import { json } from './json.format';
import { ndjson } from './ndjson.format';

const OPTIONS: FormatOptions = { formulaGuard: true, byteOrderMark: true, delimiter: ',' };
const KINDS: ColumnKind[] = ['integer', 'decimal', 'boolean', 'text', 'time'];
const COLUMNS = KINDS.map((kind) => columnOf(kind, kind));
const ROWS: Cell[][] = [
  [9_007_199_254_740_993n, '-1.50', true, '=a "b"', '2023-10-30T10:00:00'],
  [-1, null, false, null, null],
];
const LINES = [
  '{"integer":9007199254740993,"decimal":-1.50,"boolean":true,"text":"=a \\"b\\"","time":"2023-10-30T10:00:00"}',
  '{"integer":-1,"decimal":null,"boolean":false,"text":null,"time":null}',
];

describe('A JSON file', () => {
  const encoder = json.encoder(COLUMNS, OPTIONS);

  it('has its media type, extension and schema', () => {
    expect(json.mediaType).toBe('application/json; charset=utf-8');
    expect(json.extension).toBe('json');
    const call = { type: 'object' };
    expect(json.schema(call)).toEqual({ type: 'array', items: call });
    expect(json.isBinary).toBeUndefined();
  });

  it('is an array with one object per line', () => {
    const { head, beforeFirst, separator, afterLast, tail } = encoder;
    expect(head + tail).toBe('[]');
    expect(separator).toBe(',\n');
    const rows = encoder.encodeRows(ROWS);
    expect(rows).toBe(`,\n${LINES.join(',\n')}`);
    expect(head + beforeFirst + rows.slice(separator.length) + afterLast + tail).toBe(
      `[\n${LINES.join(',\n')}\n]`,
    );
    expect(encoder.encodeRows([])).toBe('');
  });

  it('writes each cell after its key', () => {
    const { before, end, null: empty } = encoder.cells;
    expect(before.map(String)).toEqual([
      ',\n{"integer":',
      ',"decimal":',
      ',"boolean":',
      ',"text":',
      ',"time":',
    ]);
    expect([String(end), String(empty)]).toEqual(['}', 'null']);
  });

  it('escapes keys', () => {
    const { cells, encodeRows } = json.encoder([columnOf('a "key"', 'integer')], OPTIONS);
    expect(String(cells.before[0])).toBe(',\n{"a \\"key\\"":');
    expect(encodeRows([[1]])).toBe(',\n{"a \\"key\\"":1}');
  });

  it('writes times in the given time zone', () => {
    const zone = TimeZone.of('Europe/Berlin');
    const inBerlin = json.encoder([columnOf('at', 'time')], { ...OPTIONS, zone });
    expect(inBerlin.encodeRows([['2023-10-30T10:00:00']])).toBe(',\n{"at":"2023-10-30T11:00:00"}');
    const bytes = Buffer.alloc(30);
    const end = inBerlin.cells.time(bytes, 0, Date.parse('2023-10-30T10:00:00Z') / 1000);
    expect(bytes.toString('latin1', 0, end)).toBe('"2023-10-30T11:00:00"');
    expect(inBerlin.cells.times.last).toBe(Date.parse('9999-12-31T22:59:59Z') / 1000);
  });
});

describe('The texts of a JSON file', () => {
  const { cells } = json.encoder(COLUMNS, OPTIONS);
  const written = (text: string) => {
    const source = Buffer.from(`"${text}"`);
    const bytes = Buffer.alloc(6 * source.length + 3, '~');
    const end = cells.text(bytes, 1, source, 1, source.length - 1);
    expect(bytes.toString('latin1', 0, 1) + bytes.toString('latin1', end)).toMatch(/^~+$/);
    return bytes.toString('utf8', 1, end);
  };

  it.each(['', 'a', 'naïve ☎ 😀 \u2028', '"', '\\', 'a"b\\c', '\r\n\t\b\f', 'a\u0001b', '/\u007f'])(
    'are written like JSON.stringify writes %j',
    (text) => expect(written(text)).toBe(JSON.stringify(text)),
  );

  it('take as many bytes per character as textBytes says', () => {
    for (let code = 0; code < 0x80; code++) {
      const character = String.fromCharCode(code);
      const encoded = written(character);
      expect(encoded).toBe(JSON.stringify(character));
      expect(cells.textBytes[code]).toBe(encoded.length - 2);
    }
    expect(new Set(cells.textBytes.subarray(0x80))).toEqual(new Set([1]));
  });
});

describe('An NDJSON file', () => {
  const encoder = ndjson.encoder(COLUMNS, OPTIONS);

  it('has its media type, extension and schema', () => {
    expect(ndjson.mediaType).toBe('application/x-ndjson');
    expect(ndjson.extension).toBe('ndjson');
    expect(ndjson.schema({})).toEqual({ type: 'string' });
    expect(ndjson.isBinary).toBeUndefined();
  });

  it('is one object per line and nothing else', () => {
    const { head, beforeFirst, separator, afterLast, tail } = encoder;
    expect([head, beforeFirst, separator, afterLast, tail]).toEqual(['', '', '', '', '']);
    expect(encoder.encodeRows(ROWS)).toBe(LINES.map((line) => `${line}\n`).join(''));
    expect(encoder.encodeRows([])).toBe('');
    const { before, end } = encoder.cells;
    expect([String(before[0]), String(before[1]), String(end)]).toEqual([
      '{"integer":',
      ',"decimal":',
      '}\n',
    ]);
  });
});
