import { describeEachDatabase } from '@calls/testing';
import { expectFiles, HEADER, INSERT_CALLS } from './expect-files';
import { expectUuidCalls } from './expect-uuid-calls';
import { InstalledHosts, SMALLEST, start, TIMEOUT_MS, type Versions } from './installed-hosts';

/** Every pair of versions of two packages occurs at least once. */
const COMBINATIONS: Required<Versions>[] = [
  { nest: 11, platform: 'express', typeorm: '0.3' },
  { nest: 11, platform: 'fastify', typeorm: '1' },
  { nest: 12, platform: 'express', typeorm: '1' },
  { nest: 12, platform: 'fastify', typeorm: '0.3' },
];

describe('The packed library', () => {
  let hosts: InstalledHosts;

  beforeAll(async () => {
    hosts = await InstalledHosts.create();
  }, TIMEOUT_MS);
  afterAll(() => hosts.remove(), TIMEOUT_MS);

  it(
    'works with Nest 11, Fastify, TypeORM 0.3 and SQLite',
    async () => {
      const host = await hosts.install(
        'libs/calls-export/test/package/fastify-sqlite',
        {},
        SMALLEST,
      );
      const [url, stop] = await start(host, {});
      await expectFiles(url).finally(stop);
    },
    TIMEOUT_MS,
  );

  describeEachDatabase(
    'on PostgreSQL',
    (url) => ({ type: 'postgres', url }),
    (database) => {
      async function expectFilesOf(source: string): Promise<void> {
        await database.dataSource.query('DROP TABLE IF EXISTS calls, assistants, migrations');
        const host = await hosts.install(source, {}, SMALLEST);
        const [url, stop] = await start(host, { DATABASE_URL: database.url });
        try {
          await database.dataSource.query(INSERT_CALLS);
          await expectFiles(url);
        } finally {
          await stop();
        }
      }

      describe.each(COMBINATIONS)('with Nest $nest, $platform and TypeORM $typeorm', (versions) => {
        it(
          'works with UUIDs, additional columns and a masked phone number',
          async () => {
            await database.dataSource.query('DROP TABLE IF EXISTS phone_calls, agents');
            const host = await hosts.install('examples/uuid-calls', versions);
            const [url, stop] = await start(host, { DATABASE_URL: database.url });
            await expectUuidCalls(url, database.dataSource).finally(stop);
          },
          TIMEOUT_MS,
        );
      });

      it('works in the minimal host app', () => expectFilesOf(SMALLEST), TIMEOUT_MS);

      it(
        'works in an ES module host app',
        () => expectFilesOf('libs/calls-export/test/package/es-module'),
        TIMEOUT_MS,
      );

      it(
        'works with custom entities and a custom guard',
        async () => {
          await database.dataSource.query('DROP TABLE IF EXISTS phone_calls, agents');
          const host = await hosts.install('examples/custom-entities');
          const tenant = '0b5c0a1e-0000-4000-8000-000000000001';
          const other = '0b5c0a1e-0000-4000-8000-000000000002';
          const [url, stop] = await start(host, {
            DATABASE_URL: database.url,
            API_KEYS: JSON.stringify({ secret: tenant }),
          });
          try {
            await database.dataSource.query(`
              INSERT INTO agents ("tenantId", "displayName") VALUES ('${tenant}', 'Support Bot');
              INSERT INTO phone_calls
                ("tenantId", sid, "agentId", "customerNumber", status, seconds, "startedAt", "endedAt", "deletedAt")
              VALUES
                ('${tenant}', 'CA1', 1, '+15559876543', 'voicemail', 300, '2023-10-30 10:00Z', '2023-10-30 10:05Z', NULL),
                ('${other}', 'CA2', NULL, NULL, 'voicemail', NULL, NULL, NULL, NULL),
                ('${tenant}', 'CA3', NULL, NULL, 'voicemail', NULL, NULL, NULL, now()),
                ('${tenant}', 'CA4', NULL, NULL, 'ringing', NULL, NULL, NULL, NULL)`);
            const headers = { 'x-api-key': 'secret' };
            const response = await fetch(`${url}/reports/calls?status=voicemail`, { headers });
            expect(Buffer.from(await response.arrayBuffer()).toString('utf8')).toBe(
              `\ufeff${HEADER}1,"CA1","Support Bot","+15559876543","voicemail",300,"2023-10-30T10:00:00","2023-10-30T10:05:00"\r\n`,
            );
            expect((await fetch(`${url}/reports/calls`)).status).toBe(403);
          } finally {
            await stop();
          }
        },
        TIMEOUT_MS,
      );
    },
    [process.env['TEST_DATABASE_URL'] ? 'PostgreSQL server' : 'embedded PostgreSQL'],
  );
});
