// @needs PostgreSQL server
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase, TIMEOUT_MS } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { ADAPTERS, type AdapterName, startHttpHost } from './http-host';

const CALLS = 2_500;
const EXPORTS = 32;
const CONNECTIONS = 2;
const STATEMENT_SECONDS = 0.02;
/** Per export: 3 at the start and 2 for each page. */
const STATEMENTS = 13;

describeEachDatabase(
  'A slow database',
  dataSourceOptions,
  (database) => {
    beforeAll(async () => {
      await seedCalls(database.dataSource, 1, CALLS);
      await database.dataSource.query('ALTER TABLE calls RENAME TO quick_calls');
      await database.dataSource.query(
        `CREATE VIEW calls AS
           SELECT quick_calls.* FROM pg_sleep(${STATEMENT_SECONDS}) CROSS JOIN quick_calls`,
      );
    }, TIMEOUT_MS);

    it.each(Object.keys(ADAPTERS) as AdapterName[])(
      'delays exports, but all complete (%s)',
      async (adapter) => {
        const host = await startHttpHost(
          adapter,
          database,
          { maxConcurrent: EXPORTS, maxPerAccount: EXPORTS, pageSize: 500 },
          // Exports wait for a connection for longer than connecting may take.
          { settings: { poolSize: CONNECTIONS, connectTimeoutMS: 100 } },
        );
        try {
          // The start may have logged that it had to connect twice.
          host.log.splice(0);
          const start = performance.now();
          const files = await Promise.all(
            Array.from({ length: EXPORTS }, async () => {
              const response = await fetch(host.url, {
                headers: { authorization: host.authorization },
              });
              return [response.status, await response.text()] as const;
            }),
          );
          const seconds = (performance.now() - start) / 1000;
          expect(files.map(([status]) => status)).toEqual(Array(EXPORTS).fill(200));
          const [first] = files;
          expect(first?.[1].split('\r\n')).toHaveLength(CALLS + 2);
          expect(new Set(files.map(([, file]) => file)).size).toBe(1);
          expect(host.log).toEqual([]);
          // Half of the time that all statements take, two at a time.
          expect(seconds).toBeGreaterThan(
            (EXPORTS * STATEMENTS * STATEMENT_SECONDS) / CONNECTIONS / 2,
          );
        } finally {
          await host.close();
        }
      },
      TIMEOUT_MS,
    );
  },
  ['PostgreSQL server'],
);
