import { describeEachDatabase } from '@calls/testing';
import { parse } from 'papaparse';
import { Client } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { EXPORT_COLUMNS } from '../src/lib/formats/export-columns';
import { csv } from '../src/lib/formats/csv.format';
import { Page } from '../src/lib/formats/page';
import { BinaryRows, type FieldReading } from '../src/lib/reading/postgres/binary-rows';
import { ExportingHost, postgresOptions } from './exporting-host';

const CALLS = 3_000;
const PLAIN = { formulaGuard: false, byteOrderMark: false, delimiter: ',' } as const;

/** Makes PostgreSQL itself write the calls as text. */
const SELECT_TEXT = `
  SELECT
    calls.id::text, call_sid, name, customer_phone_number, status, duration::text,
    to_char(started_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') AS started,
    to_char(ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') AS ended
  FROM calls LEFT JOIN assistants ON assistants.id = assistant_id
  ORDER BY calls.id`;

/** A time in the years 1 to 9999, often at the first or last microsecond of a second; or NULL. */
const TIME = `
  CASE WHEN random() < 0.9 THEN
    timestamptz '0001-01-01 00:00Z' + floor(random() * 315537897599) * interval '1 second' +
      (ARRAY[0, 1, 999999, floor(random() * 1000000)])[1 + floor(random() * 4)::int] * interval '1 microsecond'
  END`;

async function addCalls(dataSource: DataSource): Promise<void> {
  await dataSource.query(`
    INSERT INTO assistants (account_id, name) VALUES (1, 'Support "Bot"'), (1, E'Sales\\r\\n, Rep'), (1, '')`);
  await dataSource.query(`
    INSERT INTO calls (id, account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
    SELECT
      (n - ${CALLS / 2}) * (9223372036854775807 / ${CALLS / 2}) + floor(random() * 1000)::bigint, 1, 'CA' || n,
      CASE WHEN random() < 0.8 THEN 1 + floor(random() * 3) END,
      CASE WHEN random() < 0.8 THEN repeat(chr(1 + floor(random() * 500)::int), floor(random() * 5)::int) END,
      'busy', CASE WHEN random() < 0.8 THEN floor(random() * 4294967295)::bigint - 2147483648 END,
      ${TIME}, ${TIME}
    FROM generate_series(1, ${CALLS - 1}) AS n`);
}

async function textOf(dataSource: DataSource): Promise<(string | null)[][]> {
  const rows: Record<string, string | null>[] = await dataSource.query(SELECT_TEXT);
  return rows.map((row) => Object.values(row));
}

describeEachDatabase('Binary COPY', postgresOptions, (database) => {
  let host: ExportingHost;
  let expected: string[][];

  beforeAll(async () => {
    await addCalls(database.dataSource);
    host = await ExportingHost.start(database, PLAIN);
    expected = (await textOf(database.dataSource)).map((row) => row.map((cell) => cell ?? ''));
  }, 60_000);
  afterAll(() => host.close());

  const cells = (text: string) => parse<string[]>(text, { newline: '\r\n' }).data.slice(0, -1);

  it('gives the values that PostgreSQL writes as text, for random calls', async () => {
    expect(expected).toHaveLength(CALLS - 1);
    expect(cells(await host.export({ format: 'csv' })).slice(1)).toEqual(expected);
  });

  it('is decoded the same however the data is split into chunks', async () => {
    const client = new Client(database.url);
    await client.connect();
    const sent = await new Promise<Buffer>((resolve, reject) => {
      const chunks: Buffer[] = [];
      client.query({
        callback: () => {},
        submit: (connection: { query(statement: string): void }) =>
          connection.query(`COPY (
            SELECT calls.id, call_sid, name, customer_phone_number, status, duration, started_at, ended_at
            FROM calls LEFT JOIN assistants ON assistants.id = assistant_id ORDER BY calls.id
          ) TO STDOUT (FORMAT binary)`),
        handleCopyData: ({ chunk }: { chunk: Buffer }) => chunks.push(Buffer.from(chunk)),
        handleReadyForQuery: () => resolve(Buffer.concat(chunks)),
        handleError: reject,
        handleCommandComplete: () => {},
        handleRowDescription: () => {},
        handleEmptyQuery: () => {},
      } as never);
    }).finally(() => client.end());
    for (const chunkBytes of [1, 7, 4096, sent.length]) {
      const encoder = csv.encoder(EXPORT_COLUMNS, PLAIN);
      const rows = new BinaryRows(
        EXPORT_COLUMNS,
        0,
        encoder.cells,
        new Page(16),
        1e9,
        EXPORT_COLUMNS.map(({ kind }) => kind as FieldReading),
      );
      for (let at = 0; at < sent.length; at += chunkBytes) {
        rows.write(sent.subarray(at, at + chunkBytes));
      }
      expect(rows.count).toBe(CALLS - 1);
      expect(cells(rows.page.bytes.toString('utf8', 0, rows.page.length))).toEqual(expected);
    }
  }, 60_000);
});

// The server converts from other encodings than UTF-8.
describeEachDatabase(
  'A database in',
  postgresOptions,
  (database) => {
    it.each(['LATIN1', 'WIN1252', 'EUC_JP'])('%s is exported in UTF-8', async (encoding) => {
      // Unique, because the suite's own database has a random name.
      const name = `${new URL(database.url).pathname.slice(1)}_${encoding.toLowerCase()}`;
      await database.dataSource.query(
        `CREATE DATABASE ${name} ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
      );
      const url = Object.assign(new URL(database.url), { pathname: `/${name}` }).href;
      const dataSource = await new DataSource(
        postgresOptions(url) as DataSourceOptions,
      ).initialize();
      try {
        await dataSource.runMigrations();
        const status = encoding === 'EUC_JP' ? '受付「"」' : 'Günther "Ångström"';
        await dataSource.query(
          `INSERT INTO calls (account_id, call_sid, status) VALUES (1, 'CA1', $1)`,
          [status],
        );
        const host = await ExportingHost.start({ url, dataSource });
        const [call] = JSON.parse(await host.export({ format: 'json' })) as [{ status: string }];
        expect(call.status).toBe(status);
        await host.close();
      } finally {
        if (dataSource.isInitialized) await dataSource.destroy();
        await database.dataSource.query(`DROP DATABASE ${name} WITH (FORCE)`);
      }
    });
  },
  ['PostgreSQL server'],
);
