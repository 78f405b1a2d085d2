import { describeEachDatabase } from '@calls/testing';
import { sign } from 'jsonwebtoken';
import { InstalledHosts, SECRET, SMALLEST, start, TIMEOUT_MS } from './installed-hosts';

const HEADER =
  '"Call ID","Call SID","Assistant Name","Customer Phone","Status","Duration (seconds)","Started At","Ended At"\r\n';
const CALLS = [
  '{"id":1,"call_sid":"CA1","assistant_name":"Support Bot","customer_phone_number":"+15559876543","status":"completed","duration":300,"started_at":"2023-10-30T10:00:00","ended_at":"2023-10-30T10:05:00"}',
  '{"id":3,"call_sid":"CA3","assistant_name":null,"customer_phone_number":null,"status":"queued","duration":null,"started_at":null,"ended_at":null}',
];
const FILES = {
  csv:
    HEADER +
    '1,"CA1","Support Bot","+15559876543","completed",300,"2023-10-30T10:00:00","2023-10-30T10:05:00"\r\n' +
    '3,"CA3",,,"queued",,,\r\n',
  json: `[\n${CALLS.join(',\n')}\n]`,
  ndjson: CALLS.map((call) => `${call}\n`).join(''),
};

/** The packed library, in hosts that have installed it. */
describe('The package', () => {
  let hosts: InstalledHosts;

  beforeAll(async () => {
    hosts = await InstalledHosts.create();
  }, TIMEOUT_MS);
  afterAll(() => hosts.remove());

  async function expectFiles(url: string): Promise<void> {
    const token = sign({ account_id: 1 }, SECRET, { expiresIn: 60 });
    const headers = { authorization: `Bearer ${token}` };
    for (const format of ['csv', 'json', 'ndjson'] as const) {
      const response = await fetch(`${url}/calls/export?format=${format}`, { headers });
      expect(response.headers.get('content-disposition')).toBe(
        `attachment; filename="calls_export.${format}"`,
      );
      expect(await response.text()).toBe(FILES[format]);
    }
    expect((await fetch(`${url}/calls/export`)).status).toBe(401);
    expect((await fetch(`${url}/calls/export?status=lost`, { headers })).status).toBe(400);
  }

  it(
    'works in a host with Nest 11, Fastify, TypeORM 0.3 and SQLite',
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
    'with Nest 12 and TypeORM 1',
    (url) => ({ type: 'postgres', url }),
    (database) => {
      it.each([
        ['Express', SMALLEST],
        ['ES modules', 'libs/calls-export/test/package/es-module'],
      ])(
        'works in a host with %s',
        async (_title, source) => {
          await database.dataSource.query('DROP TABLE IF EXISTS calls, assistants, migrations');
          const host = await hosts.install(source, {}, SMALLEST);
          const [url, stop] = await start(host, { DATABASE_URL: database.url });
          try {
            await database.dataSource.query(`
              INSERT INTO assistants (account_id, name) VALUES (1, 'Support Bot');
              INSERT INTO calls
                (account_id, call_sid, assistant_id, customer_phone_number, status, duration, started_at, ended_at)
              VALUES
                (1, 'CA1', 1, '+15559876543', 'completed', 300, '2023-10-30 10:00Z', '2023-10-30 10:05Z'),
                (2, 'CA2', NULL, NULL, 'completed', NULL, NULL, NULL),
                (1, 'CA3', NULL, NULL, 'queued', NULL, NULL, NULL)`);
            await expectFiles(url);
          } finally {
            await stop();
          }
        },
        TIMEOUT_MS,
      );

      it(
        'works in a host with entities and a guard of its own',
        async () => {
          const host = await hosts.install('examples/own-entities');
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
