import {
  VALUE_BYTES_MAX,
  writeBoolean,
  writeConstant,
  writeInteger,
  writePlainTime,
  writePlainUuid,
  writeTime,
  writeUuid,
} from './write-bytes';

const BEGIN = 3;

/** Returns what is written, and checks that the bytes around it do not change. */
function written(write: (bytes: Buffer, at: number) => number): string {
  const bytes = Buffer.alloc(BEGIN + VALUE_BYTES_MAX + 2, '~');
  const end = write(bytes, BEGIN);
  expect(bytes.toString('latin1', 0, BEGIN)).toBe('~~~');
  expect(bytes.toString('latin1', end)).toMatch(/^~+$/);
  return bytes.toString('latin1', BEGIN, end);
}

const seconds = (iso: string) => Date.parse(iso) / 1000;

describe('writeConstant', () => {
  it.each(['', 'a', 'null'])('writes %j', (text) =>
    expect(written((bytes, at) => writeConstant(bytes, at, Buffer.from(text)))).toBe(text),
  );
});

describe('writeInteger', () => {
  const integer = (value: number | bigint) =>
    written((bytes, at) => writeInteger(bytes, at, value));

  it.each([
    [0, '0'],
    [-1, '-1'],
    [-10, '-10'],
    [-99, '-99'],
    [-100, '-100'],
    [12_345, '12345'],
    [-2_147_483_648, '-2147483648'],
    [9_007_199_254_740_991, '9007199254740991'],
    [-9_007_199_254_740_991, '-9007199254740991'],
    [9_223_372_036_854_775_807n, '9223372036854775807'],
    [-9_223_372_036_854_775_808n, '-9223372036854775808'],
    [0n, '0'],
  ])('writes %s', (value, text) => expect(integer(value)).toBe(text));

  it('writes every number of up to four digits', () => {
    for (let value = 0; value < 10_000; value += value < 300 ? 1 : 97) {
      expect(integer(value)).toBe(value.toString());
    }
  });
});

describe('writeBoolean', () => {
  it.each([true, false])('writes %s', (value) =>
    expect(written((bytes, at) => writeBoolean(bytes, at, value))).toBe(`${value}`),
  );
});

describe('writeTime', () => {
  it.each([
    '1970-01-01T00:00:00',
    '2023-10-30T10:00:00',
    // The same day again, and the day before.
    '2023-10-30T23:59:59',
    '2023-10-29T23:59:59',
    '2024-02-29T01:02:03',
    '2024-02-29T12:34:56',
    '1969-12-31T23:59:59',
    '0001-01-01T00:00:00',
    '9999-12-31T23:59:59',
  ])('writes %s with and without quotes', (time) => {
    const at = seconds(`${time}Z`);
    expect(written((bytes, to) => writeTime(bytes, to, at))).toBe(`"${time}"`);
    expect(written((bytes, to) => writePlainTime(bytes, to, at))).toBe(time);
  });
});

describe('writeUuid', () => {
  it.each([
    ['000102030405060708090a0b0c0d0e0f', '00010203-0405-0607-0809-0a0b0c0d0e0f'],
    ['fedcba98765432100f1e2d3c4b5a6978', 'fedcba98-7654-3210-0f1e-2d3c4b5a6978'],
  ])('writes the bytes %s with and without quotes', (hex, uuid) => {
    const source = Buffer.from(`aa${hex}bb`, 'hex');
    expect(written((bytes, at) => writeUuid(bytes, at, source, 1))).toBe(`"${uuid}"`);
    expect(written((bytes, at) => writePlainUuid(bytes, at, source, 1))).toBe(uuid);
  });

  it('writes the longest value', () => {
    expect(written((bytes, at) => writeUuid(bytes, at, Buffer.alloc(16), 0))).toHaveLength(
      VALUE_BYTES_MAX,
    );
  });
});
