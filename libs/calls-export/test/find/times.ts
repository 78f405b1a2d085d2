import { text } from 'node:stream/consumers';
import { types } from 'pg';
import type { EntitySchemaColumnOptions } from 'typeorm';
import { type CallsFilter, UnexportableCallError } from '../../src';
import { casesOf, describeKinds, type KindCase } from './describe-kinds';
import { type DatabaseType, hostEntities } from './entities';
import { expectFound, FindHost, is } from './find-host';
import { type Cells, cellsOf, dateOf, type Found } from './oracle';
import { outcomesOf } from './outcomes';
import { mysqlWithSession, pgWithSession } from './sessions';

interface TimeCase extends KindCase {
  /** Of the start; the end has it as well. */
  readonly column: Partial<EntitySchemaColumnOptions>;
  /** What the host sets for its DataSource. */
  readonly dataSource?: object;
  /** As the database has them, beside those that every case has. */
  readonly times?: readonly string[];
}

const [PG, SERVER] = ['postgres', 'PostgreSQL server'] as const;

/** Times around the changes of New York's and London's clocks, of which some are there twice there or not at all. */
const WALL_TIMES = [
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

/** Every half an hour of the two nights, in UTC. */
const NIGHTS = ['2023-03-12T04:30Z', '2023-11-05T03:30Z'].flatMap((evening) =>
  Array.from({ length: 10 }, (_, i) => new Date(Date.parse(evening) + i * 1_800_000)),
);

/** Takes a time without a zone for UTC, as many hosts have `pg` do. */
const TIMESTAMP_OID = 1114;
const utcTypes = {
  getTypeParser: (oid: number, format?: 'text') =>
    oid === TIMESTAMP_OID
      ? (text: string) => new Date(`${text.replace(' ', 'T')}Z`)
      : types.getTypeParser(oid, format ?? 'text'),
};

const DATETIME = { type: 'datetime', precision: 6 } as const;
const TIMESTAMP = { type: 'timestamp', precision: 6, default: null } as const;

const CASES: readonly TimeCase[] = [
  { title: 'timestamptz', on: [PG], column: { type: 'timestamptz' }, times: MICROS },
  { title: 'timestamp', on: [PG], column: { type: 'timestamp' }, times: MICROS },
  { title: 'Date', on: [PG], column: { type: Date }, times: MICROS },
  { title: 'timestamp(0)', on: [PG], column: { type: 'timestamp', precision: 0 } },
  { title: 'timestamptz(3)', on: [PG], column: { type: 'timestamptz', precision: 3 } },
  {
    title: 'timestamp that the driver takes for UTC',
    on: [PG],
    column: { type: 'timestamp' },
    dataSource: { extra: { types: utcTypes } },
  },
  ...["'Asia/Kolkata'", "'America/New_York'", "'+05:45'"].flatMap((zone): TimeCase[] =>
    (['timestamp', 'timestamptz'] as const).map((type) => ({
      title: `${type} in a session of the zone ${zone}`,
      on: [SERVER],
      column: { type },
      dataSource: { driver: pgWithSession(`SET timezone TO ${zone}`) },
    })),
  ),
  ...(['Z', 'local', '+05:30', '-08:00', undefined] as const).flatMap((timezone): TimeCase[] => [
    {
      title: `datetime(6) of a driver in the zone ${timezone}`,
      on: ['mariadb'],
      column: DATETIME,
      dataSource: { timezone },
      times: MICROS,
    },
    {
      title: `timestamp(6) of a driver in the zone ${timezone}`,
      on: ['mariadb'],
      column: TIMESTAMP,
      dataSource: { timezone },
    },
  ]),
  {
    title: 'datetime, to the second',
    on: ['mariadb'],
    column: { type: 'datetime' },
    dataSource: { timezone: 'local' },
  },
  ...([true, ['DATETIME'], ['TIMESTAMP']] as const).flatMap((dateStrings): TimeCase[] =>
    (['Z', 'local'] as const).flatMap((timezone) => [
      {
        title: `datetime(6) that the driver in the zone ${timezone} gives as text (${dateStrings})`,
        on: ['mariadb'],
        column: DATETIME,
        dataSource: { timezone, dateStrings },
      },
      {
        title: `timestamp(6) that the driver in the zone ${timezone} gives as text (${dateStrings})`,
        on: ['mariadb'],
        column: TIMESTAMP,
        dataSource: { timezone, dateStrings },
      },
    ]),
  ),
  ...(['Z', 'local'] as const).flatMap((timezone): TimeCase[] =>
    [DATETIME, TIMESTAMP].map((column) => ({
      title: `${column.type}(6) in a session of the zone +05:30, of a driver in ${timezone}`,
      on: ['mariadb'],
      column,
      dataSource: { timezone, driver: mysqlWithSession("SET time_zone = '+05:30'") },
    })),
  ),
  { title: 'datetime', on: ['sqljs'], column: { type: 'datetime' } },
  {
    title: 'datetime, without seconds',
    on: ['sqljs'],
    column: { type: 'datetime' },
    times: ['2023-10-30 10:00', '2023-10-30 10:01'],
  },
  {
    title: 'datetime in the notation of ISO 8601',
    on: ['sqljs'],
    column: { type: 'datetime' },
    times: ['2023-10-30T10:00:00', '2023-10-30T10:00:00Z', '2023-10-30T10:00:00.250Z'],
  },
];

function timesOf({ column, times = [] }: TimeCase): readonly string[] {
  return column.precision === 0 ? WALL_TIMES : [...WALL_TIMES, ...FRACTIONS, ...times];
}

/** Filters that begin and end with the starts, and in the nights in which clocks change: all of time is in one of them. */
function filtersAt(starts: readonly Date[]): CallsFilter[] {
  const micros = (date: Date) => BigInt(date.getTime()) * 1000n;
  const instants = [...starts, ...NIGHTS].sort((a, b) => Number(a) - Number(b));
  const bounds = instants.map((date, index) => (index % 2 === 0 ? date : micros(date)));
  return [undefined, ...bounds].map((startedFrom, index) => ({
    startedFrom,
    startedBefore: bounds[index],
  }));
}

/** Times of a host whose process is in a zone, as they are found and filtered. */
export function describeTimes(zone: string, offsetMinutes: number): void {
  it(`The process is in ${zone}`, () => {
    expect(new Date(2023, 0, 1).getTimezoneOffset()).toBe(-offsetMinutes || 0);
  });

  describeKinds(`Times in ${zone}`, (database, type, kind) => {
    it.each(casesOf(CASES, kind))(
      'of $title are as they are found, and so are filters',
      async (each) => {
        const { column, dataSource } = each;
        const host = await FindHost.start(database, {
          entities: hostEntities(type, { startedAt: column, endedAt: column }),
          dataSource,
          formats: ['json'],
        });
        const calls = [...timesOf(each), null].map((time, index) => ({
          id: index + 1,
          accountId: 7,
          callSid: `CA of ${time}`,
          startedAt: time,
          endedAt: time,
        }));
        // What a zone of the session has not got, MariaDB refuses, and with it all rows of the statement.
        await host.add('calls', ...calls);
        expect(await expectFound(host, 7)).toHaveLength(calls.length);
        const rows = await host.dataSource.getRepository(host.entities.calls.entity).find();
        const starts = rows.flatMap((row) =>
          row['startedAt'] === null ? [] : [dateOf(row['startedAt'])],
        );
        const filters = filtersAt(starts);
        const found = await host.findAll();
        for (const filter of filters) await expectFiltered(host, found, filter);
      },
    );
  });
}

async function expectFiltered(host: FindHost, found: Found, filter: CallsFilter): Promise<void> {
  const sids = (calls: readonly Cells[]) => calls.map((call) => call['call_sid']).sort();
  const exported = sids(await host.export(7, filter));
  expect([filter, exported]).toEqual([filter, sids(cellsOf(found, is(7), filter))]);
}

/** Settings of a session by which PostgreSQL writes times in another way than `pg` reads. */
const STYLES = ['SQL, DMY', 'German', 'Postgres, MDY'];

/** What no zone of the process changes. */
export function describeSessions(): void {
  describeKinds(
    'A database',
    (database) => {
      const columns = (type: 'timestamp' | 'timestamptz') =>
        hostEntities('postgres', { startedAt: { type }, endedAt: { type } });

      async function setting(settings: Record<string, string>, use: () => Promise<void>) {
        const [{ name }] = await database.dataSource.query('SELECT current_database() AS name');
        const alter = (what: string) => database.dataSource.query(`ALTER DATABASE ${name} ${what}`);
        for (const [setting, value] of Object.entries(settings)) {
          await alter(`SET ${setting} TO '${value}'`);
        }
        try {
          await use();
        } finally {
          await alter('RESET ALL');
        }
      }

      it.each(
        STYLES.flatMap((datestyle) =>
          (['timestamp', 'timestamptz'] as const).map((type) => [datestyle, type] as const),
        ),
      )(
        'of the DateStyle %s, by which find() has no times, exports those of %s',
        async (datestyle, type) => {
          const entities = columns(type);
          const iso = await FindHost.connect(database, { entities });
          await iso.add(
            'calls',
            ...WALL_TIMES.map((time, index) => ({
              id: index + 1,
              accountId: 7,
              callSid: 'CA',
              startedAt: time,
              endedAt: time,
            })),
          );
          const found = await iso.find(is(7));
          const between = { startedFrom: NIGHTS[3], startedBefore: NIGHTS[16] };
          const foundBetween = await iso.find(is(7), between);
          expect(found).toHaveLength(WALL_TIMES.length);
          expect(foundBetween.length).toBeGreaterThan(0);
          const settings = { datestyle, timezone: 'Asia/Kolkata', intervalstyle: 'sql_standard' };
          await setting(settings, async () => {
            // Keeps the tables.
            const host = await FindHost.start(database, { entities, ddl: [] });
            for (const outcome of await outcomesOf(host, 7)) {
              if (outcome instanceof Error) throw outcome;
              expect(times(outcome)).toEqual(times(found));
            }
            for (const outcome of await outcomesOf(host, 7, between)) {
              if (outcome instanceof Error) throw outcome;
              expect(outcome).toHaveLength(foundBetween.length);
            }
          });
        },
      );

      const times = (calls: readonly object[]) =>
        calls
          .map((call) => {
            const { started_at, ended_at } = call as Record<string, unknown>;
            return `${started_at} ${ended_at}`;
          })
          .sort();

      it.each(['Asia/Kolkata', 'America/New_York', 'UTC'])(
        'in the zone %s is exported as it is found',
        async (timezone) =>
          setting({ timezone, datestyle: 'ISO, DMY' }, async () => {
            const host = await FindHost.start(database, { entities: columns('timestamptz') });
            const calls = WALL_TIMES.map((time, index) => ({
              id: index + 1,
              accountId: 7,
              callSid: `CA${index}`,
              startedAt: time,
              endedAt: time,
            }));
            await host.add('calls', ...calls);
            expect(await expectFound(host, 7)).toHaveLength(WALL_TIMES.length);
            for (const startedFrom of NIGHTS) await expectFound(host, 7, { startedFrom });
          }),
      );
    },
    ['PostgreSQL server'],
  );

  describeKinds('A time that no file can have', (database, type) => {
    it.each(
      UNWRITABLE[type].flatMap(
        ([column, time]) =>
          [
            [column, 'startedAt', time, 5],
            [column, 'endedAt', time, -5],
          ] as const,
      ),
    )('stops the export: %j %s %s of call %d', async (column, field, time, id) => {
      const host = await FindHost.start(database, {
        entities: hostEntities(type, { [field]: column }),
        ...(type === 'mariadb' && { dataSource: LENIENT }),
      });
      await host.add('calls', { id: 1, accountId: 7, callSid: 'CA', [field]: null });
      await host.add('calls', { id, accountId: 7, callSid: 'CA', [field]: time });
      const key = field === 'startedAt' ? 'started_at' : 'ended_at';
      for (const service of host.services) {
        for (const format of ['csv', 'json'] as const) {
          const reading = async () => text(await service.export(7, { format }));
          await expect(reading()).rejects.toThrow(new UnexportableCallError(String(id), key));
        }
      }
    });
  });
}

const LENIENT = { timezone: 'Z', driver: mysqlWithSession("SET sql_mode = ''") };
const UNWRITABLE: Readonly<
  Record<DatabaseType, readonly (readonly [Partial<EntitySchemaColumnOptions>, string])[]>
> = {
  postgres: (['timestamp', 'timestamptz'] as const).flatMap((type) =>
    ['infinity', '-infinity', '0044-03-15 12:00:00 BC', '10000-01-02 00:00:00', '294276-01-01'].map(
      (time) => [{ type }, time] as const,
    ),
  ),
  mariadb: [
    [{ type: 'datetime' }, '0000-00-00 00:00:00'],
    [{ type: 'datetime' }, '2023-00-10 00:00:00'],
  ],
  sqljs: ['infinity', 'no time', '+010000-01-01T00:00:00.000Z'].map(
    (time) => [{ type: 'datetime' }, time] as const,
  ),
};
