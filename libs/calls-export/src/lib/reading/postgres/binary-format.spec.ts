import { headerEnd, INCOMPLETE, int32, integer, rowEnd, secondsOf, TRAILER } from './binary-format';

const HEADER = 'PGCOPY\n\xff\r\n\0\0\0\0\0';
const bytes = (...parts: (string | number[])[]) =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.of(...part),
    ),
  );

function int64(value: bigint): Buffer {
  const buffer = Buffer.alloc(9);
  buffer.writeBigInt64BE(value, 1);
  return buffer;
}

describe('headerEnd', () => {
  it('returns the offset after a header without an extension', () => {
    const complete = bytes(HEADER, [0, 0, 0, 0]);
    expect(headerEnd(complete)).toBe(19);
    expect(headerEnd(bytes(HEADER, [0, 0, 0, 0], 'rows'))).toBe(19);
    for (let end = 0; end < 19; end++) expect(headerEnd(complete.subarray(0, end))).toBe(-1);
  });

  it('returns the offset after the extension', () => {
    const complete = bytes(HEADER, [0, 0, 0, 3], 'ext', 'rows');
    expect(headerEnd(complete)).toBe(22);
    expect(headerEnd(complete.subarray(0, 22))).toBe(22);
    expect(headerEnd(complete.subarray(0, 21))).toBe(INCOMPLETE);
  });

  it.each(['id,name\r\n1,Ada Lovelace\r\n', 'PGCOPY\n\xff\r\n\x01\0\0\0\0\0\0\0\0'])(
    'throws for data in another format: %j',
    (data) => {
      expect(() => headerEnd(bytes(data))).toThrow(
        'The database sent data that is not in binary COPY format',
      );
    },
  );
});

describe('rowEnd', () => {
  it.each([
    ['no field', bytes([0, 0])],
    ['an empty field', bytes([0, 1, 0, 0, 0, 0])],
    ['a null', bytes([0, 1, 255, 255, 255, 255])],
    ['fields', bytes([0, 3, 0, 0, 0, 2], 'ab', [255, 255, 255, 255, 0, 0, 0, 1], 'c')],
    ['a field of more than 255 bytes', bytes([0, 1, 0, 0, 1, 1], 'x'.repeat(257))],
  ])('returns the offset after a row with %s, or INCOMPLETE', (_, row) => {
    expect(rowEnd(row, 0)).toBe(row.length);
    const among = Buffer.concat([Buffer.from('before'), row, Buffer.from('behind')]);
    expect(rowEnd(among, 6)).toBe(6 + row.length);
    for (let end = 2; end < row.length; end++) expect(rowEnd(row.subarray(0, end), 0)).toBe(-1);
  });
});

describe('TRAILER', () => {
  it('is the field count that marks the end of the data', () => {
    expect(TRAILER).toBe(-1);
  });
});

describe('integer', () => {
  it.each([0, 1, -1, 127, 128, 256, -256, 65_536, 16_777_216, 2_147_483_647, -2_147_483_648])(
    'reads 4 bytes: %d',
    (value) => {
      const buffer = Buffer.alloc(5);
      buffer.writeInt32BE(value, 1);
      expect(int32(buffer, 1)).toBe(value);
      expect(integer(buffer, 1, 4)).toBe(value);
    },
  );

  it.each([0, 258, 32_767, -32_768])('reads 2 bytes: %d', (value) => {
    const buffer = Buffer.alloc(3);
    buffer.writeInt16BE(value, 1);
    expect(integer(buffer, 1, 2)).toBe(value);
  });

  it.each([
    0n,
    -1n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 32n,
    -(2n ** 32n),
    2n ** 53n - 1n,
    -(2n ** 53n),
  ])('reads 8 bytes as a number: %d', (value) => {
    expect(integer(int64(value), 1, 8)).toBe(Number(value));
  });

  it.each([2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)])(
    'reads 8 bytes as a bigint if a number would not be exact: %d',
    (value) => {
      expect(integer(int64(value), 1, 8)).toBe(value);
    },
  );

  it.each([0, 1, 3, 7, 16])('throws for %d bytes', (length) => {
    expect(() => integer(Buffer.alloc(16), 0, length)).toThrow(
      `The database sent an integer of ${length} bytes`,
    );
  });
});

describe('secondsOf', () => {
  const since2000 = (seconds: bigint, micros = 0n) =>
    secondsOf(int64(seconds * 1_000_000n + micros), 1, 8);
  const EPOCH = Date.parse('2000-01-01T00:00:00Z') / 1000;

  it.each([0n, 1n, 500_000n, 999_999n])('drops %d microseconds', (micros) => {
    const seconds = (iso: string) => BigInt(Date.parse(iso) / 1000 - EPOCH);
    for (const iso of [
      '0001-01-01T00:00:00Z',
      '1582-10-15T00:00:00Z',
      '1714-12-31T23:59:59Z',
      '1969-12-31T23:59:59Z',
      '1970-01-01T00:00:00Z',
      '1999-12-31T23:59:59Z',
      '2000-01-01T00:00:00Z',
      '2000-01-01T00:00:01Z',
      '2023-10-30T10:00:00Z',
      '2286-01-01T00:00:00Z',
      '9999-12-31T23:59:59Z',
    ]) {
      expect(since2000(seconds(iso), micros)).toBe(Date.parse(iso) / 1000);
    }
  });

  it('is exact around each 2^32 microseconds', () => {
    for (let high = -3n; high <= 3n; high++) {
      for (const low of [-1n, 0n, 1n, 999_999n, 1_000_000n, 2n ** 31n - 1n, 2n ** 31n]) {
        const value = high * 2n ** 32n + low;
        const floor = (value - (((value % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n;
        expect(secondsOf(int64(value), 1, 8)).toBe(EPOCH + Number(floor));
      }
    }
  });

  it.each([0, 4, 7, 12])('throws for %d bytes', (length) => {
    expect(() => secondsOf(Buffer.alloc(16), 0, length)).toThrow(
      `The database sent a time of ${length} bytes`,
    );
  });
});
