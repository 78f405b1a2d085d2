// @needs PostgreSQL server
import { randomBytes } from 'node:crypto';
import type { TestDatabase } from '@calls/testing';
import { describeKinds } from './describe-kinds';
import { hostEntities } from './entities';
import { expectFound, FindHost } from './find-host';
import { outcomesOf } from './outcomes';
import { pgWithSession } from './sessions';

/** Creates a database with an encoding on the same server. */
async function withDatabase(
  { dataSource, url }: TestDatabase,
  encoding: string,
  use: (database: TestDatabase) => Promise<void>,
): Promise<void> {
  const name = `calls_test_${randomBytes(6).toString('hex')}`;
  await dataSource.query(
    `CREATE DATABASE ${name} ENCODING '${encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
  );
  const own = new URL(url);
  own.pathname = `/${name}`;
  try {
    await use({ url: own.href, dataSource });
  } finally {
    await dataSource.query(`DROP DATABASE ${name} WITH (FORCE)`);
  }
}

describeKinds(
  'A database with the encoding',
  (database) => {
    const TEXTS = ['é', 'ÿ\u00a0', 'acmé "x"', '\u0080'];

    it.each(['LATIN1', 'WIN1252', 'LATIN9'])('%s is exported as find() returns it', (encoding) =>
      withDatabase(database, encoding, async (own) => {
        const host = await FindHost.start(own, {
          entities: hostEntities(
            'postgres',
            { accountId: { type: 'text' } },
            { accountId: { type: 'text' } },
          ),
        });
        const texts = encoding === 'LATIN1' ? TEXTS : ['é', '€', 'acmé "x"'];
        for (const [index, text] of texts.entries()) {
          const id = index + 1;
          await host.add('assistants', { id, accountId: text, name: text });
          await host.add('calls', {
            id,
            accountId: text,
            callSid: text,
            status: text,
            assistantId: id,
          });
        }
        for (const text of texts) {
          expect(await expectFound(host, text)).toHaveLength(1);
          expect(await expectFound(host, text, { status: text })).toHaveLength(1);
        }
        // No account or status has a character that the encoding lacks.
        for (const outcome of await outcomesOf(host, '☎')) {
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(TypeError);
          else expect(outcome).toEqual([]);
        }
        for (const outcome of await outcomesOf(host, 'é', { status: '☎' })) {
          expect(outcome).toEqual([]);
        }
        await host.close();
      }),
    );

    const BYTES = [
      '\\xe9',
      '\\xff\\xfe',
      '\\xc3\\xa9',
      '\\xe2\\x82',
      'a\\xc3',
      '\\xf0\\x9f\\x98\\x80',
    ];

    async function addBytes(host: FindHost, bytes: readonly string[]): Promise<void> {
      for (const [index, escaped] of bytes.entries()) {
        const id = index + 1;
        await host.dataSource.query(`INSERT INTO host_assistant VALUES (${id}, 7, E'${escaped}')`);
        await host.dataSource.query(
          `INSERT INTO host_call (id, account_id, "callSid", "assistantId", "customerPhoneNumber", status)
           VALUES (${id}, 7, E'${escaped}', ${id}, E'"${escaped}', E'${escaped}x')`,
        );
      }
    }

    it('SQL_ASCII, also as client_encoding, is exported as find() returns it', () =>
      withDatabase(database, 'SQL_ASCII', async (own) => {
        const host = await FindHost.start(own, {
          entities: hostEntities('postgres'),
          dataSource: { driver: pgWithSession("SET client_encoding TO 'SQL_ASCII'") },
        });
        await addBytes(host, BYTES);
        const found = await expectFound(host, 7);
        expect(found).toHaveLength(BYTES.length);
        expect(found.map((call) => call['call_sid'])).toContain('\ufffd');
        await host.close();
      }));

    it('SQL_ASCII makes an export fail on bytes that are not UTF-8, as it does find()', () =>
      withDatabase(database, 'SQL_ASCII', async (own) => {
        const host = await FindHost.start(own, { entities: hostEntities('postgres') });
        await addBytes(host, ['\\xc3\\xa9', 'a']);
        expect(await expectFound(host, 7)).toHaveLength(2);
        await host.dataSource.query("UPDATE host_assistant SET name = E'\\xe9' WHERE id = 2");
        await expect(host.find(() => true)).rejects.toThrow('invalid byte sequence');
        for (const outcome of await outcomesOf(host, 7))
          expect(String(outcome)).toMatch(/invalid byte sequence/);
        await host.close();
      }));
  },
  ['PostgreSQL server'],
);
