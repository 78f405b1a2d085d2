import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS, until } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import type { Environment } from '../src/environment';
import { startApi } from './start-api';

const CALLS = 30;

describeEachDatabase('The export settings', dataSourceOptions, (database) => {
  const NAME = '=1+1; "a"';
  beforeAll(async () => {
    await seedCalls(database.dataSource, 1, CALLS);
    await database.dataSource.query(
      `WITH added AS (INSERT INTO assistants (account_id, name) VALUES (1, $1) RETURNING id)
       UPDATE calls SET assistant_id = added.id FROM added`,
      [NAME],
    );
  });

  async function exported(settings: Partial<Environment>, query = '') {
    const api = await startApi(database.url, settings);
    try {
      const response = await api.export(query);
      const bytes = Buffer.from(await response.arrayBuffer());
      expect(response.status).toBe(200);
      return { name: response.headers.get('content-disposition'), text: bytes.toString(), bytes };
    } finally {
      await api.close();
    }
  }

  it(
    'have the defaults of the library',
    async () => {
      const { name, text } = await exported({});
      expect(name).toBe('attachment; filename="calls_export.csv"');
      expect(text.slice(0, 10)).toBe('"Call ID",');
      expect(text).toContain(`"'=1+1; ""a"""`);
    },
    TIMEOUT_MS,
  );

  it(
    'name the file of every format by EXPORT_FILE_NAME',
    async () => {
      const settings = { EXPORT_FILE_NAME: 'Anrufe März' };
      for (const format of ['csv', 'json', 'ndjson', 'xlsx']) {
        const { name } = await exported(settings, `format=${format}`);
        expect(name).toContain(`filename*=UTF-8''Anrufe%20M%C3%A4rz.${format}`);
      }
    },
    TIMEOUT_MS,
  );

  it.each([
    [',', ','],
    [';', ';'],
    ['|', '|'],
    ['tab', '\t'],
  ] as const)(
    'separate cells by EXPORT_DELIMITER=%s (%j)',
    async (EXPORT_DELIMITER, character) => {
      const { text } = await exported({ EXPORT_DELIMITER });
      const [head, first] = text.split('\r\n') as [string, string];
      expect(head.split(`"${character}"`)).toHaveLength(8);
      expect(first).toContain(`"${character}"`);
    },
    TIMEOUT_MS,
  );

  it(
    'start a CSV file, but no other, with a byte order mark if EXPORT_BYTE_ORDER_MARK=true',
    async () => {
      const settings = { EXPORT_BYTE_ORDER_MARK: 'true' };
      expect((await exported(settings)).bytes.subarray(0, 3)).toEqual(Buffer.from('\ufeff'));
      const { text } = await exported(settings, 'format=json');
      expect(text[0]).toBe('[');
    },
    TIMEOUT_MS,
  );

  it(
    'do not escape formulas if EXPORT_FORMULA_GUARD=false',
    async () => {
      const { text } = await exported({ EXPORT_FORMULA_GUARD: 'false' });
      expect(text).toContain('"=1+1; ""a"""');
      expect(text).not.toContain("'=1+1");
    },
    TIMEOUT_MS,
  );
});

describeEachDatabase(
  'The connection pool',
  dataSourceOptions,
  (database) => {
    const SIZE = 2;
    const EXPORTS = 8;
    beforeAll(async () => {
      await seedCalls(database.dataSource, 1, 5_000);
    });

    /** How many connections have this name, and how many of them wait for a lock. */
    async function connections(name: string): Promise<{ open: number; waiting: number }> {
      const [counts] = await database.dataSource.query(
        `SELECT count(*)::int AS open, count(*) FILTER (WHERE wait_event_type = 'Lock')::int AS waiting
         FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1`,
        [name],
      );
      return counts;
    }

    it.each([
      ['', 'serving'],
      [' of the replica', 'replica'],
    ])(
      '%s has at most DATABASE_POOL_SIZE connections, which exports share',
      async (ofReplica, name) => {
        const url = `${database.url}?application_name=serving`;
        const api = await startApi(url, {
          DATABASE_POOL_SIZE: SIZE,
          EXPORT_MAX_PER_ACCOUNT: EXPORTS,
          EXPORT_PAGE_SIZE: 100,
          ...(ofReplica && { DATABASE_READ_URL: `${database.url}?application_name=replica` }),
        });
        const locker = database.dataSource.createQueryRunner();
        try {
          await locker.startTransaction();
          await locker.query('LOCK TABLE calls IN ACCESS EXCLUSIVE MODE');
          const exports = Array.from({ length: EXPORTS }, async () => {
            const response = await api.export();
            return [response.status, (await response.text()).split('\r\n').length];
          });
          await until(async () => (await connections(name)).waiting === SIZE, 10_000);
          let highest = 0;
          let isDone = false;
          await locker.commitTransaction();
          const done = Promise.all(exports).finally(() => (isDone = true));
          await until(async () => {
            highest = Math.max(highest, (await connections(name)).open);
            return isDone;
          }, TIMEOUT_MS);
          expect(highest).toBe(SIZE);
          for (const file of await done) expect(file).toEqual([200, 5_002]);
        } finally {
          if (locker.isTransactionActive) await locker.rollbackTransaction();
          await locker.release();
          await api.close();
        }
      },
      TIMEOUT_MS,
    );

    it(
      'can have one connection: exports, counts and readiness checks wait in line',
      async () => {
        const api = await startApi(database.url, {
          DATABASE_POOL_SIZE: 1,
          EXPORT_MAX_PER_ACCOUNT: EXPORTS,
        });
        try {
          const requests = Array.from({ length: EXPORTS / 2 }, () => [
            api.export(),
            api.head(),
          ]).flat();
          for (const response of await Promise.all(requests)) {
            expect(response.status).toBe(200);
            await response.text();
          }
          expect((await fetch(`${api.url}/health/ready`)).status).toBe(200);
        } finally {
          await api.close();
        }
      },
      TIMEOUT_MS,
    );
  },
  ['PostgreSQL server'],
);
