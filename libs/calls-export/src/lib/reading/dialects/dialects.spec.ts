import type { DataSource } from 'typeorm';
import type { ColumnMetadata } from '../../entities/calls-entities';
import { dialectOf } from './dialect-of';

const micros = (iso: string) => BigInt(Date.parse(iso)) * 1000n;

describe('dialectOf', () => {
  it.each(['mssql', 'oracle', 'mongodb', 'sap', 'spanner', 'toString'])('refuses %s', (type) => {
    expect(() => dialectOf(type)).toThrow(
      `CallsExportModule does not support databases of the type ${type}, but postgres, `,
    );
  });

  it('tries COPY on PostgreSQL alone', () => {
    const kinds = ['postgres', 'cockroachdb', 'mysql', 'mariadb', 'sqljs', 'better-sqlite3'];
    expect(kinds.filter((type) => dialectOf(type).mayCopy)).toEqual(['postgres']);
  });
});

describe('A comparison of keys', () => {
  it('is one of rows, but for MySQL', () => {
    for (const type of ['postgres', 'sqljs']) {
      const dialect = dialectOf(type);
      expect(dialect.compareLists(['a'], '>', [':x'])).toBe('(a) > (:x)');
      expect(dialect.compareLists(['a', 'b'], '<=', [':x', ':y'])).toBe('(a, b) <= (:x, :y)');
    }
  });

  it('is spelled out for MySQL', () => {
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

describe('An instant', () => {
  const value = (type: string, instant: bigint) => dialectOf(type).instant(instant, 'from');

  it.each([
    ['2023-10-30T10:00:00.001Z', 2n, '2023-10-30T10:00:00.001002Z'],
    ['1969-12-31T23:59:59.999Z', 999n, '1969-12-31T23:59:59.999999Z'],
    ['0001-01-01T00:00:00Z', 0n, '0001-01-01T00:00:00.000000Z'],
    ['0000-12-31T00:00:00Z', 0n, '0001-12-31T00:00:00.000000Z BC'],
    ['-000043-03-15T12:00:00Z', 1n, '0044-03-15T12:00:00.000001Z BC'],
    ['+010000-01-01T00:00:00Z', 0n, '10000-01-01T00:00:00.000000Z'],
  ])('is a timestamp on PostgreSQL: %s and %d µs', (iso, rest, text) => {
    expect(value('postgres', micros(iso) + rest)).toEqual({
      sql: ':from',
      parameters: { from: text },
    });
  });

  it('is a Date on MySQL, and the microseconds beside it', () => {
    const date = new Date('2023-10-30T10:00:00.001Z');
    expect(value('mysql', BigInt(Number(date)) * 1000n)).toEqual({
      sql: ':from',
      parameters: { from: date },
    });
    expect(value('mysql', BigInt(Number(date)) * 1000n + 2n)).toEqual({
      sql: 'DATE_ADD(:from, INTERVAL :fromMicros MICROSECOND)',
      parameters: { from: date, fromMicros: 2 },
    });
    const before1970 = new Date('1969-12-31T23:59:59.998Z');
    expect(value('mysql', BigInt(Number(before1970)) * 1000n + 999n).parameters).toEqual({
      from: before1970,
      fromMicros: 999,
    });
  });

  it('is the next millisecond on SQLite', () => {
    const at = (rest: bigint) => value('sqljs', micros('2023-10-30T10:00:00Z') + rest).parameters;
    expect(at(0n)).toEqual({ from: new Date('2023-10-30T10:00:00.000Z') });
    expect(at(1n)).toEqual({ from: new Date('2023-10-30T10:00:00.001Z') });
    expect(at(-1n)).toEqual({ from: new Date('2023-10-30T10:00:00.000Z') });
  });

  it.each(['mysql', 'sqljs'])('keeps to the years of %s', (type) => {
    expect(value(type, micros('-000001-01-01T00:00:00Z')).parameters).toEqual({
      from: new Date('0001-01-02T00:00:00Z'),
    });
    expect(value(type, micros('+010000-01-01T00:00:00Z')).parameters).toEqual({
      from: new Date('9999-12-31T00:00:00Z'),
    });
  });
});

describe('A column of times', () => {
  const column = {} as ColumnMetadata;
  const source = (timezone?: string) =>
    ({
      options: { type: 'mariadb', timezone },
      driver: { prepareHydratedValue: (value: unknown) => value },
    }) as unknown as DataSource;
  const cell = (type: string, timezone?: string) =>
    dialectOf(type).timeCell('call.startedAt', column, source(timezone));

  it.each(['Z', '+00:00'])('is written by MySQL where the driver takes it for UTC (%s)', (zone) => {
    const { sql, read } = cell('mariadb', zone);
    expect(sql).toBe("DATE_FORMAT(call.startedAt, '%Y-%m-%dT%H:%i:%s')");
    expect(read('2023-10-30T10:00:00')).toBe('2023-10-30T10:00:00');
    for (const none of [
      '0000-00-00T00:00:00',
      '2023-00-10T00:00:00',
      '2023-10-00T00:00:00',
      null,
    ]) {
      expect(read(none)).toBeUndefined();
    }
  });

  it.each([
    ['mariadb', undefined],
    ['mariadb', '+02:00'],
    ['postgres', undefined],
    ['sqljs', undefined],
  ])('is hydrated by the driver of %s with the zone %s', (type, zone) => {
    const { sql, read } = cell(type, zone);
    expect(sql).toBe('call.startedAt');
    expect(read(new Date('2023-10-30T10:00:00.999Z'))).toBe('2023-10-30T10:00:00');
    expect(read(new Date('0001-01-01T00:00:00Z'))).toBe('0001-01-01T00:00:00');
    for (const none of [new Date('0000-12-31T23:59:59Z'), new Date(NaN), Infinity, -Infinity]) {
      expect(read(none)).toBeUndefined();
    }
  });
});
