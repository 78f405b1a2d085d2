import type { DataSource, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from '../../entities/column-use';
import { LOCAL_CLOCK, UTC_CLOCK } from '../wall-clock';
import { clockOf, isReadAsText, requireConstantOffset, timeOptions } from './mysql-times';

const dataSource = (options: object) =>
  ({
    options,
    driver: { normalizeType: ({ type }: ColumnMetadata) => type },
  }) as unknown as DataSource;
const columnOf = (type: string) => ({ type }) as ColumnMetadata;

describe('timeOptions', () => {
  it("merges the DataSource's options with those in extra, which win", () => {
    expect(timeOptions(dataSource({ timezone: 'Z', dateStrings: true }))).toEqual({
      timezone: 'Z',
      dateStrings: true,
    });
    const extra = { timezone: '+01:00' };
    expect(timeOptions(dataSource({ timezone: 'Z', dateStrings: true, extra }))).toMatchObject({
      timezone: '+01:00',
      dateStrings: true,
    });
  });
});

describe('isReadAsText', () => {
  it.each([
    [undefined, 'datetime', false],
    [false, 'datetime', false],
    [true, 'datetime', true],
    [['DATETIME'], 'datetime', true],
    [['DATE', 'DATETIME'], 'datetime', true],
    [['DATETIME'], 'timestamp', false],
    [['DATE'], 'datetime', false],
    [[], 'datetime', false],
    // The type of a view's column is unknown, so it may be one of them.
    [['TIMESTAMP'], '', true],
    [[], '', false],
  ])('with dateStrings %j, for the type "%s", returns %s', (dateStrings, type, expected) => {
    expect(isReadAsText(columnOf(type), dataSource({ dateStrings }))).toBe(expected);
  });
});

describe('clockOf', () => {
  const clock = (options: object, type = 'datetime') =>
    clockOf(columnOf(type), dataSource(options));
  const minutesAhead = (timezone: string) => -Number(clock({ timezone }).instantOf(0n)) / 6e7;

  it.each([{}, { timezone: 'local' }, { timezone: 'Z', dateStrings: true }])(
    'is the local clock with %j',
    (options) => expect(clock(options)).toBe(LOCAL_CLOCK),
  );

  it.each(['Z', '+00:00', '-00:00', '+0000', '+00', 'UTC+05:30', '+05:30:00'])(
    'is UTC with the timezone %s',
    (timezone) => {
      expect(clock({ timezone })).toBe(UTC_CLOCK);
      expect(clock({ timezone: 'local', extra: { timezone } })).toBe(UTC_CLOCK);
    },
  );

  it.each([
    ['+05:30', 330],
    ['-03:00', -180],
    ['-09:30', -570],
    ['+0545', 345],
    ['+14', 840],
    ['+00:30', 30],
  ])('has a fixed offset with the timezone %s', (timezone, minutes) => {
    expect(minutesAhead(timezone)).toBe(minutes);
  });

  it('is the local clock only for the types in dateStrings', () => {
    const options = { timezone: 'Z', dateStrings: ['TIMESTAMP'] };
    expect(clock(options, 'datetime')).toBe(UTC_CLOCK);
    expect(clock(options, 'timestamp')).toBe(LOCAL_CLOCK);
  });
});

/** A session that responds like MySQL in a time zone, and the times that it was queried for. */
function session(zone: string) {
  const times: string[] = [];
  const format = new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset' });
  const aheadAt = (date: Date) => {
    const [, sign, hours, minutes] =
      /GMT([+-])(\d\d):(\d\d)$/.exec(format.format(date)) ?? ([] as string[]);
    return Number(`${sign ?? ''}${60 * (60 * Number(hours ?? 0) + Number(minutes ?? 0))}`);
  };
  const query = async (sql: string) => {
    const offsets = sql.matchAll(
      /TIMESTAMPDIFF\(SECOND, '1970-01-01', FROM_UNIXTIME\((\d+)\)\) - \1 AS (o\d+)(?=, )/g,
    );
    const row = [...offsets].map(([, seconds, name]) => {
      const date = new Date(1000 * Number(seconds));
      times.push(date.toISOString());
      // The driver may return them as strings.
      return [name, String(aheadAt(date))];
    });
    expect(sql).toMatch(/^SELECT TIMESTAMPDIFF.*, @@session\.time_zone AS zone$/);
    return [{ ...Object.fromEntries(row), zone }];
  };
  return { runner: { query } as unknown as QueryRunner, times };
}

describe('requireConstantOffset', () => {
  it.each(['UTC', 'Asia/Kolkata', 'America/Phoenix'])('accepts %s', async (zone) => {
    await requireConstantOffset(session(zone).runner, 'startedAt');
  });

  it.each([
    'Europe/Berlin',
    'America/New_York',
    'Australia/Sydney',
    // DST of half an hour.
    'Australia/Lord_Howe',
    // Had DST until 1979 and 1991.
    'Asia/Hong_Kong',
    'Asia/Shanghai',
  ])('throws for %s', async (zone) => {
    await expect(requireConstantOffset(session(zone).runner, 'createdAt')).rejects.toThrow(
      `Calls can't be sorted by createdAt, a TIMESTAMP column, in the session's time zone ${zone}, ` +
        "whose offset changes: SET time_zone = '+00:00' on each connection, or use a DATETIME column",
    );
  });

  it('checks a winter and a summer time of each year in the range of TIMESTAMP', async () => {
    const { runner, times } = session('UTC');
    await requireConstantOffset(runner, 'createdAt');
    expect(times).toHaveLength(2 * (2038 - 1971));
    expect(times.slice(0, 3)).toEqual([
      '1971-01-15T00:00:00.000Z',
      '1971-07-15T00:00:00.000Z',
      '1972-01-15T00:00:00.000Z',
    ]);
    expect(times.at(-1)).toBe('2037-07-15T00:00:00.000Z');
  });
});
