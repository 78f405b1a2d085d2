// @needs PostgreSQL server
import { seedCalls } from '@calls/seed-calls';
import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { ADAPTERS, type AdapterName, startHttpHost } from './http-host';

const CALLS = 2_500;
const EXPORTS = 32;
const CONNECTIONS = 2;
const STATEMENT_SECONDS = 0.02;
/** Of an export: 3 at the start, and 2 for each page. */
const STATEMENTS = 13;
const TIMEOUT_MS = 60_000;

describeEachDatabase(
  'A database that is slow',
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
      'keeps permitted exports waiting, and all come whole (%s)',
      async (adapter) => {
        const host = await startHttpHost(
          adapter,
          database,
          { maxConcurrent: EXPORTS, maxPerAccount: EXPORTS, pageSize: 500 },
          // They wait for a connection for longer than one may take to be made.
          { settings: { poolSize: CONNECTIONS, connectTimeoutMS: 100 } },
        );
        try {
          // A start that had to connect twice is not what this is about.
          host.log.splice(0);
          const start = performance.now();
          const files = await Promise.all(
            Array.from({ length: EXPORTS }, async () => {
              const answer = await fetch(host.url, {
                headers: { authorization: host.authorization },
              });
              return [answer.status, await answer.text()] as const;
            }),
          );
          const seconds = (performance.now() - start) / 1000;
          expect(files.map(([status]) => status)).toEqual(Array(EXPORTS).fill(200));
          const [first] = files;
          expect(first?.[1].split('\r\n')).toHaveLength(CALLS + 2);
          expect(new Set(files.map(([, file]) => file)).size).toBe(1);
          expect(host.log).toEqual([]);
          // They did have to wait: so many statements, two at a time.
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
