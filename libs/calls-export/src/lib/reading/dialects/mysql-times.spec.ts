import type { DataSource, QueryRunner } from 'typeorm';
import type { ColumnMetadata } from '../../entities/column-use';
import { LOCAL_CLOCK, UTC_CLOCK } from '../wall-clock';
import { clockOf, isReadAsText, requireSteadyZone, timeOptions } from './mysql-times';

const dataSource = (options: object) =>
  ({
    options,
    driver: { normalizeType: ({ type }: ColumnMetadata) => type },
  }) as unknown as DataSource;
const columnOf = (type: string) => ({ type }) as ColumnMetadata;

describe('timeOptions', () => {
  it("are the DataSource's, and those that it gives the driver alone", () => {
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
    // The type of a column of a view is not known, so it may be one of them.
    [['TIMESTAMP'], '', true],
    [[], '', false],
  ])('with dateStrings: %j, of the type "%s", is %s', (dateStrings, type, expected) => {
    expect(isReadAsText(columnOf(type), dataSource({ dateStrings }))).toBe(expected);
  });
});

describe('clockOf', () => {
  const clock = (options: object, type = 'datetime') =>
    clockOf(columnOf(type), dataSource(options));
  const minutesAhead = (timezone: string) => -Number(clock({ timezone }).instantOf(0n)) / 6e7;

  it.each([{}, { timezone: 'local' }, { timezone: 'Z', dateStrings: true }])(
    'is that of the process with %j',
    (options) => expect(clock(options)).toBe(LOCAL_CLOCK),
  );

  it.each(['Z', '+00:00', '-00:00', '+0000', '+00', 'UTC+05:30', '+05:30:00'])(
    'is UTC with %s',
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
  ])('is fixed with %s', (timezone, minutes) => {
    expect(minutesAhead(timezone)).toBe(minutes);
  });

  it('is that of the process only for the types that are left as texts', () => {
    const options = { timezone: 'Z', dateStrings: ['TIMESTAMP'] };
    expect(clock(options, 'datetime')).toBe(UTC_CLOCK);
    expect(clock(options, 'timestamp')).toBe(LOCAL_CLOCK);
  });
});

/** A session in a time zone, which answers as MySQL does; and the times that it was asked for. */
function session(zone: string) {
  const asked: string[] = [];
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
      asked.push(date.toISOString());
      // The driver may give them as texts.
      return [name, String(aheadAt(date))];
    });
    expect(sql).toMatch(/^SELECT TIMESTAMPDIFF.*, @@session\.time_zone AS zone$/);
    return [{ ...Object.fromEntries(row), zone }];
  };
  return { runner: { query } as unknown as QueryRunner, asked };
}

describe('requireSteadyZone', () => {
  it.each(['UTC', 'Asia/Kolkata', 'America/Phoenix'])('takes %s', async (zone) => {
    await requireSteadyZone(session(zone).runner, 'startedAt');
  });

  it.each([
    'Europe/Berlin',
    'America/New_York',
    'Australia/Sydney',
    // By half an hour.
    'Australia/Lord_Howe',
    // Only until 1979, and until 1991.
    'Asia/Hong_Kong',
    'Asia/Shanghai',
  ])('refuses %s', async (zone) => {
    await expect(requireSteadyZone(session(zone).runner, 'createdAt')).rejects.toThrow(
      "Calls can't be read in the order of createdAt, a TIMESTAMP, in the session's time zone " +
        `${zone}, which puts its clock back: SET time_zone = '+00:00' on each connection, or keep it in a DATETIME`,
    );
  });

  it('looks at the winter and the summer of all years that a TIMESTAMP has', async () => {
    const { runner, asked } = session('UTC');
    await requireSteadyZone(runner, 'createdAt');
    expect(asked).toHaveLength(2 * (2038 - 1971));
    expect(asked.slice(0, 3)).toEqual([
      '1971-01-15T00:00:00.000Z',
      '1971-07-15T00:00:00.000Z',
      '1972-01-15T00:00:00.000Z',
    ]);
    expect(asked.at(-1)).toBe('2037-07-15T00:00:00.000Z');
  });
});
