import { randomBytes } from 'node:crypto';
import { describeEachDatabase } from '@calls/testing';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { CREATED_HOSTS, type CreatedHost, createdOptions } from './created-hosts';
import { ExportingHost } from './exporting-host';
import { bareOptions, callsSchema, type Columns, typeOf } from './find/entities';
import { mysqlWithSession } from './find/sessions';

const IDS = ['0a', '1b', '2c', '3d', '4e', '5f', '6a', '7b', '8c', '9d'];
const UUID = { type: 'varchar', length: '36' } as const;

/**
 * Starts a host that reads pages of two calls, created at these times, which are stored in this type of
 * column.
 */
async function hostOf(
  url: string,
  created: Columns[string],
  times: readonly string[],
  extra: object = {},
): Promise<ExportingHost> {
  const type = typeOf(url);
  const { assistants } = CREATED_HOSTS['random UUIDs']?.(type) as CreatedHost;
  const columns = { id: UUID, assistantId: UUID, createdAt: { name: 'created_at', ...created } };
  const entity = callsSchema(type, columns, { tableName: 'calls' });
  const options = { ...createdOptions({ calls: { entity }, assistants, newId: String }, url) };
  const dataSource = new DataSource({ ...options, ...extra } as DataSourceOptions);
  await dataSource.initialize();
  for (const [index, time] of times.entries()) {
    await dataSource.query(
      `INSERT INTO calls (id, account_id, ${dataSource.driver.escape('callSid')}, created_at)
       VALUES ('${IDS[index]}', 1, 'CA', ${time})`,
    );
  }
  const module = { calls: { entity }, assistants, pageSize: 2 };
  return ExportingHost.start({ url, dataSource }, module);
}

/** Unique, since others may run this suite on the same server. */
const SUMMER_ZONE = `calls_export/${randomBytes(6).toString('hex')}`;

/** Adds a zone with New York's daylight saving time of 2023, since the server may have no zone tables. */
async function addZone(dataSource: DataSource): Promise<() => Promise<void>> {
  const { insertId } = await dataSource.query(
    "INSERT INTO mysql.time_zone (Use_leap_seconds) VALUES ('N')",
  );
  const [winter, summer] = [-5 * 3600, -4 * 3600];
  const [begin, end] = [Date.UTC(2023, 2, 12, 7), Date.UTC(2023, 10, 5, 6)].map((ms) => ms / 1000);
  const add = (table: string, rows: string) =>
    dataSource.query(`INSERT INTO mysql.${table} VALUES ${rows}`);
  await add('time_zone_name', `('${SUMMER_ZONE}', ${insertId})`);
  await add(
    'time_zone_transition_type',
    `(${insertId}, 0, ${winter}, 0, 'EST'), (${insertId}, 1, ${summer}, 1, 'EDT')`,
  );
  await add('time_zone_transition', `(${insertId}, ${begin}, 1), (${insertId}, ${end}, 0)`);
  return async () => {
    for (const table of ['transition', 'transition_type', 'name'].map(
      (part) => `time_zone_${part}`,
    ))
      await dataSource.query(`DELETE FROM mysql.${table} WHERE Time_zone_id = ?`, [insertId]);
    await dataSource.query('DELETE FROM mysql.time_zone WHERE Time_zone_id = ?', [insertId]);
  };
}

describeEachDatabase(
  'Calls in the order of a TIMESTAMP column',
  bareOptions,
  (database) => {
    // 00:55, 01:10, 01:40, and again 01:10 and 01:40, in New York when the clock goes back; two calls each.
    const times = [55, 70, 100, 130, 160].flatMap((minutes) => {
      const seconds = Date.UTC(2023, 10, 5, 4, minutes) / 1000;
      return [`FROM_UNIXTIME(${seconds})`, `FROM_UNIXTIME(${seconds})`];
    });
    const inZone = (zone: string) => ({ driver: mysqlWithSession(`SET time_zone = '${zone}'`) });
    const column = { type: 'timestamp', precision: 6 } as const;

    it('are exported if the session is in a zone without daylight saving time', async () => {
      const host = await hostOf(database.url, column, times, inZone('-05:00'));
      try {
        expect(await host.exportedIds()).toEqual(IDS);
      } finally {
        await host.close();
      }
    });

    it('are refused if the session is in a zone with daylight saving time, whose clock repeats an hour', async () => {
      const removeZone = await addZone(database.dataSource);
      const host = await hostOf(database.url, column, [], inZone(SUMMER_ZONE));
      try {
        await expect(host.exportedIds()).rejects.toThrow(
          `createdAt, a TIMESTAMP column, in the session's time zone ${SUMMER_ZONE}`,
        );
      } finally {
        await host.close();
        await removeZone();
      }
    });
  },
  ['MariaDB server'],
);

describeEachDatabase(
  'Calls in the order of a creation time that is stored as',
  bareOptions,
  (database) => {
    it.each<[string, Columns[string], (index: number) => string]>([
      ['integers', { type: 'int' }, (index) => String(9 + Math.floor(index / 3))],
      [
        'a mix of seconds and milliseconds',
        { type: 'datetime' },
        (index) => `'2023-10-30 10:00:0${Math.floor(index / 3)}${index % 2 ? '.123' : ''}'`,
      ],
    ])('%s are exported once each', async (_title, column, time) => {
      const times = IDS.map((_, index) => time(index));
      const host = await hostOf(database.url, column, times);
      try {
        expect((await host.exportedIds()).sort()).toEqual(IDS);
      } finally {
        await host.close();
      }
    });
  },
  ['SQLite'],
);
