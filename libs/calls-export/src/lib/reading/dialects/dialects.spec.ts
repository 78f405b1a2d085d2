import type { DataSource } from 'typeorm';
import type { ColumnMetadata } from '../../entities/column-use';
import { dialectOf } from './dialect-of';

const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;

describe('dialectOf', () => {
  it.each(['mssql', 'oracle', 'mongodb', 'sap', 'spanner', 'toString'])(
    'throws for the unsupported type %s',
    (type) => {
      expect(() => dialectOf(type)).toThrow(
        `CallsExportModule does not support the database type ${type}, ` +
          'expected one of postgres, aurora-postgres, cockroachdb, ' +
          'mysql, mariadb, aurora-mysql, better-sqlite3, sqlite, sqljs',
      );
    },
  );

  it.each([
    ['postgres', 'concat', true],
    ['aurora-postgres', 'concat', true],
    ['cockroachdb', 'concat', true],
    ['mysql', 'CONVERT', false],
    ['mariadb', 'CONVERT', false],
    ['aurora-mysql', 'CONVERT', false],
    ['better-sqlite3', 'BLOB', false],
    ['sqlite', 'BLOB', false],
    ['sqljs', 'BLOB', false],
  ])('returns the dialect of %s', (type, word, hasSettings) => {
    const dialect = dialectOf(type);
    expect(dialect.isText('call.status', ':status', 'padded')).toContain(word);
    expect(dialect.hasSettings).toBe(hasSettings);
  });

  it('allows COPY only on PostgreSQL', () => {
    const kinds = ['postgres', 'aurora-postgres', 'cockroachdb', 'mysql', 'mariadb', 'sqljs'];
    expect(kinds.filter((type) => dialectOf(type).mayCopy)).toEqual(['postgres']);
  });
});

describe('compareLists', () => {
  it('compares rows on SQLite', () => {
    const sqlite = dialectOf('sqljs');
    expect(sqlite.compareLists(['a'], '>', [':x'])).toBe('(a) > (:x)');
    expect(sqlite.compareLists(['a', 'b'], '<=', [':x', ':y'])).toBe('(a, b) <= (:x, :y)');
  });

  it('adds a range of the first column to the row comparison on PostgreSQL', () => {
    const postgres = dialectOf('postgres');
    const [columns, values] = [
      ['a', 'b'],
      [':x', ':y'],
    ];
    expect(postgres.compareLists(['a'], '>', [':x'])).toBe('(a) > (:x)');
    expect(postgres.compareLists(columns, '>', values)).toBe('a >= :x AND (a, b) > (:x, :y)');
    expect(postgres.compareLists(columns, '<=', values)).toBe('a <= :x AND (a, b) <= (:x, :y)');
  });

  it('uses AND and OR on MySQL', () => {
    const mysql = dialectOf('mariadb');
    expect(mysql.compareLists(['a'], '<=', [':x'])).toBe('a <= :x');
    expect(mysql.compareLists(['a', 'b'], '>', [':x', ':y'])).toBe(
      '(a > :x OR (a = :x AND b > :y))',
    );
    expect(mysql.compareLists(['a', 'b'], '<=', [':x', ':y'])).toBe(
      '(a < :x OR (a = :x AND b <= :y))',
    );
  });
});

describe('timeText', () => {
  it.each([
    ['2023-10-30T10:00:00.001Z', 2n, '2023-10-30T10:00:00.001002Z'],
    ['1969-12-31T23:59:59.999Z', 999n, '1969-12-31T23:59:59.999999Z'],
    ['0001-01-01T00:00:00Z', 0n, '0001-01-01T00:00:00.000000Z'],
    ['0000-12-31T00:00:00Z', 0n, '0001-12-31T00:00:00.000000Z BC'],
    ['-000043-03-15T12:00:00Z', 1n, '0044-03-15T12:00:00.000001Z BC'],
    ['+010000-01-01T00:00:00Z', 0n, '10000-01-01T00:00:00.000000Z'],
  ])('formats %s plus %d µs for PostgreSQL', (iso, rest, text) => {
    const postgres = dialectOf('postgres');
    expect(postgres.timeText(micros(iso) + rest, 'instant')).toBe(text);
    expect(postgres.timeText(micros(iso) + rest, 'wall clock')).toBe(text.replace('Z', ''));
  });

  it.each([
    ['2023-10-30T10:00:00.001Z', 2n, '2023-10-30 10:00:00.001002'],
    ['1969-12-31T23:59:59.998Z', 999n, '1969-12-31 23:59:59.998999'],
    ['-000001-01-01T00:00:00Z', 0n, '0001-01-02 00:00:00.000000'],
    ['+010000-01-01T00:00:00Z', 0n, '9999-12-31 00:00:00.000000'],
  ])('formats %s plus %d µs for MySQL', (iso, rest, text) => {
    expect(dialectOf('mysql').timeText(micros(iso) + rest, 'wall clock')).toBe(text);
  });

  it.each([
    ['2023-10-30T10:00:05.010Z', 0n, '2023-10-30 10:00:05.010'],
    ['2023-10-30T10:00:05.000Z', 1n, '2023-10-30 10:00:05.001'],
    ['2023-10-30T10:00:05.000Z', -1n, '2023-10-30 10:00:05.000'],
    ['1969-12-31T23:59:59.000Z', -1n, '1969-12-31 23:59:59.000'],
    ['-000001-01-01T00:00:00Z', 0n, '0001-01-02 00:00:00.000'],
  ])('formats %s plus %d µs for SQLite', (iso, rest, text) => {
    expect(dialectOf('sqljs').timeText(micros(iso) + rest, 'wall clock')).toBe(text);
  });
});

/** A DataSource whose driver converts strings to upper case, so that a test can tell that it was used. */
function dataSource(options: object): DataSource {
  return {
    options,
    driver: {
      prepareHydratedValue: (value: unknown) =>
        typeof value === 'string' ? value.toUpperCase() : value,
      normalizeType: ({ type }: ColumnMetadata) => type,
    },
  } as unknown as DataSource;
}

const columnOf = (type: unknown, transformer?: object) =>
  ({ type, transformer }) as unknown as ColumnMetadata;

describe('rowCell', () => {
  const cell = (
    type: string,
    kind: 'integer' | 'text' | 'time',
    column: ColumnMetadata,
    options = {},
  ) => dialectOf(type).rowCell({ kind }, 'call.x', column, dataSource(options));

  it.each(['Z', '+00:00'])(
    'lets MySQL format a time if the driver reads times as UTC (%s)',
    (timezone) => {
      const { sql, read } = cell('mariadb', 'time', columnOf('datetime'), { timezone });
      expect(sql).toBe("DATE_FORMAT(call.x, '%Y-%m-%dT%H:%i:%s')");
      expect(read('2023-10-30T10:00:00')).toBe('2023-10-30T10:00:00');
      expect(read(null)).toBeNull();
      for (const none of ['0000-00-00T00:00:00', '2023-00-10T00:00:00', '2023-10-00T00:00:00']) {
        expect(read(none)).toBeUndefined();
      }
    },
  );

  it.each([
    ['mariadb', {}],
    ['mariadb', { timezone: '+02:00' }],
    ['mariadb', { timezone: 'Z', dateStrings: true }],
    ['mariadb', { timezone: 'Z', typeCast: () => {} }],
    ['postgres', {}],
    ['sqljs', {}],
  ])('reads a time from a Date on %s with %j', (type, options) => {
    const { sql, read } = cell(type, 'time', columnOf('datetime'), options);
    expect(sql).toBe('call.x');
    expect(read(new Date('2023-10-30T10:00:00.999Z'))).toBe('2023-10-30T10:00:00');
    expect(read(new Date('0001-01-01T00:00:00Z'))).toBe('0001-01-01T00:00:00');
    expect(read(null)).toBeNull();
    for (const none of [new Date('0000-12-31T23:59:59Z'), new Date(NaN), Infinity, -Infinity]) {
      expect(read(none)).toBeUndefined();
    }
  });

  it.each(['mariadb', 'postgres', 'sqljs'])('reads an integer from its digits on %s', (type) => {
    const { sql, read } = cell(type, 'integer', columnOf('bigint'));
    expect(sql).toMatch(/^CAST\(call\.x AS (text|CHAR)\)$/);
    expect(read('9007199254740993')).toBe(9007199254740993n);
    expect(read('7')).toBe(7);
    expect(read('7.5')).toBeUndefined();
  });

  it.each(['mariadb', 'postgres', 'sqljs'])(
    'reads other text types and transformed columns through the driver of %s',
    (type) => {
      const transformer = { to: String, from: String };
      expect(cell(type, 'text', columnOf('varchar')).read('a')).toBe('a');
      expect(cell(type, 'text', columnOf('simple-enum')).read('a')).toBe('A');
      expect(cell(type, 'text', columnOf('varchar', transformer)).read('a')).toBe('A');
      expect(cell(type, 'integer', columnOf('bigint', transformer))).toMatchObject({
        sql: 'call.x',
      });
    },
  );
});
