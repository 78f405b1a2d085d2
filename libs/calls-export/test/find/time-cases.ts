import { types } from 'pg';
import type { EntitySchemaColumnOptions } from 'typeorm';
import type { KindCase } from './describe-kinds';
import { mysqlWithSession, pgWithSession } from './sessions';

/** A type of time column, and the times to store. */
export interface TimeCase extends KindCase {
  /** The column of both the start and the end. */
  readonly column: Partial<EntitySchemaColumnOptions>;
  /** Options of the host app's DataSource. */
  readonly dataSource?: object;
  /** Stored times, in addition to the common ones. */
  readonly times?: readonly string[];
}

const [PG, SERVER] = ['postgres', 'PostgreSQL server'] as const;

/** Times around the DST changes in New York and London. Some are ambiguous or skipped there. */
export const WALL_TIMES = [
  '2023-03-12 01:59:59',
  '2023-03-12 02:00:00',
  '2023-03-12 02:30:00',
  '2023-03-12 03:00:00',
  '2023-03-26 01:30:00',
  '2023-11-05 00:59:59',
  '2023-11-05 01:00:00',
  '2023-11-05 01:30:00',
  '2023-11-05 02:00:00',
  '2023-10-30 10:00:00',
  '1971-01-01 00:00:00',
  '2037-12-31 23:59:59',
];
const FRACTIONS = ['2023-10-30 10:00:00.001', '2023-10-30 10:00:00.999', '2023-11-05 01:30:00.500'];
const MICROS = ['2023-10-30 10:00:00.000500', '2023-10-30 10:00:00.999999'];

/** Every half hour of the nights with a DST change in New York. */
export const NIGHTS = ['2023-03-12T04:30Z', '2023-11-05T03:30Z'].flatMap((evening) =>
  Array.from({ length: 10 }, (_, i) => new Date(Date.parse(evening) + i * 1_800_000)),
);

/** Makes `pg` interpret a time without a zone as UTC, as many host apps do. */
const TIMESTAMP_OID = 1114;
const utcTypes = {
  getTypeParser: (oid: number, format?: 'text') =>
    oid === TIMESTAMP_OID
      ? (text: string) => new Date(`${text.replace(' ', 'T')}Z`)
      : types.getTypeParser(oid, format ?? 'text'),
};

const DATETIME = { type: 'datetime', precision: 6 } as const;
const TIMESTAMP = { type: 'timestamp', precision: 6, default: null } as const;

export const TIME_CASES: readonly TimeCase[] = [
  { title: 'timestamptz', on: [PG], column: { type: 'timestamptz' }, times: MICROS },
  { title: 'timestamp', on: [PG], column: { type: 'timestamp' }, times: MICROS },
  { title: 'Date', on: [PG], column: { type: Date }, times: MICROS },
  { title: 'timestamp(0)', on: [PG], column: { type: 'timestamp', precision: 0 } },
  { title: 'timestamptz(3)', on: [PG], column: { type: 'timestamptz', precision: 3 } },
  {
    title: 'timestamp that the driver interprets as UTC',
    on: [PG],
    column: { type: 'timestamp' },
    dataSource: { extra: { types: utcTypes } },
  },
  ...["'Asia/Kolkata'", "'America/New_York'", "'+05:45'"].flatMap((zone): TimeCase[] =>
    (['timestamp', 'timestamptz'] as const).map((type) => ({
      title: `${type} in a session with the time zone ${zone}`,
      on: [SERVER],
      column: { type },
      dataSource: { driver: pgWithSession(`SET timezone TO ${zone}`) },
    })),
  ),
  ...(['Z', 'local', '+05:30', '-08:00', undefined] as const).flatMap((timezone): TimeCase[] => [
    {
      title: `datetime(6) with the driver option timezone ${timezone}`,
      on: ['mariadb'],
      column: DATETIME,
      dataSource: { timezone },
      times: MICROS,
    },
    {
      title: `timestamp(6) with the driver option timezone ${timezone}`,
      on: ['mariadb'],
      column: TIMESTAMP,
      dataSource: { timezone },
    },
  ]),
  {
    title: 'datetime in seconds',
    on: ['mariadb'],
    column: { type: 'datetime' },
    dataSource: { timezone: 'local' },
  },
  ...([true, ['DATETIME'], ['TIMESTAMP']] as const).flatMap((dateStrings): TimeCase[] =>
    (['Z', 'local'] as const).flatMap((timezone) => [
      {
        title: `datetime(6) with the driver options timezone ${timezone} and dateStrings ${dateStrings}`,
        on: ['mariadb'],
        column: DATETIME,
        dataSource: { timezone, dateStrings },
      },
      {
        title: `timestamp(6) with the driver options timezone ${timezone} and dateStrings ${dateStrings}`,
        on: ['mariadb'],
        column: TIMESTAMP,
        dataSource: { timezone, dateStrings },
      },
    ]),
  ),
  ...(['Z', 'local'] as const).flatMap((timezone): TimeCase[] =>
    [DATETIME, TIMESTAMP].map((column) => ({
      title: `${column.type}(6) with the session time zone +05:30 and the driver option timezone ${timezone}`,
      on: ['mariadb'],
      column,
      dataSource: { timezone, driver: mysqlWithSession("SET time_zone = '+05:30'") },
    })),
  ),
  { title: 'datetime', on: ['sqljs'], column: { type: 'datetime' } },
  {
    title: 'datetime without seconds',
    on: ['sqljs'],
    column: { type: 'datetime' },
    times: ['2023-10-30 10:00', '2023-10-30 10:01'],
  },
  {
    title: 'datetime in ISO 8601 format',
    on: ['sqljs'],
    column: { type: 'datetime' },
    times: ['2023-10-30T10:00:00', '2023-10-30T10:00:00Z', '2023-10-30T10:00:00.250Z'],
  },
];

/** @returns the stored times of a case. */
export function timesOf({ column, times = [] }: TimeCase): readonly string[] {
  return column.precision === 0 ? WALL_TIMES : [...WALL_TIMES, ...FRACTIONS, ...times];
}
