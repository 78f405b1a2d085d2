// @slow
import type { EntitySchemaColumnOptions } from 'typeorm';
import { type AccountId, entitiesOnTables } from '../../src';
import { casesOf, describeKinds, type KindCase } from './describe-kinds';
import { hostEntities } from './entities';
import { expectFound, FindHost, is } from './find-host';
import { httpStatuses } from './http-host';
import { fieldsOf, type Owns } from './oracle';
import { outcomesOf } from './outcomes';
import { createDomain, createIcuCollation, retyped } from './retyped';
import {
  LATIN_TEXTS as LATIN,
  SHORT_TEXTS as SHORT,
  SIMILAR_TEXTS as TEXTS,
} from './similar-texts';

interface AccountColumn extends KindCase {
  readonly column: Partial<EntitySchemaColumnOptions>;
  /** The accounts that have calls, as the database takes them. */
  readonly accounts: readonly (string | number)[];
  /** What is run before and after the tables are made. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** Other ways in which the host may name its accounts. */
  readonly asks?: readonly AccountId[];
  /** What finds no call, or is refused. */
  readonly strangers?: readonly AccountId[];
  /** What is refused. */
  readonly malformed?: readonly AccountId[];
  /** Default: the property, as text, is the account. */
  readonly owns?: (account: AccountId) => Owns;
}

const [PG, SERVER] = ['postgres', 'PostgreSQL server'] as const;

/** Numbers where the accounts are texts. */
const NUMBERS = [7, 7n, 0];
const TEXT_CASE = { accounts: TEXTS, asks: NUMBERS, strangers: ['acme\n', 'ACMÉ', '007', -7] };

const MALFORMED = ['abc', '7abc', '7 abc', '7.5', '1e3', '0x7', '7\0', '\0', ' ', '7;', '٧', 'NaN'];
const TOO_LARGE = [2n ** 70n, -(2n ** 70n), String(2n ** 70n), '9'.repeat(50)];

const UUIDS = ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'];
const UUID_CASE = {
  accounts: UUIDS,
  asks: UUIDS.map((uuid) => uuid.toUpperCase()),
  strangers: ['00000000-0000-0000-0000-000000000000'],
  malformed: ['abc', `${UUIDS[0]}0`, 'g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', `${UUIDS[0]}\0`, 7],
  owns: (account: AccountId) => is(String(account).toLowerCase()),
};
const INTEGER_CASE = {
  accounts: [7, 70, -7, 0, 2147483647],
  asks: ['7', 7n, '-7', -7n],
  strangers: [8, '8', 8n],
  malformed: [...MALFORMED, ...TOO_LARGE],
};
const BIGINT_CASE = {
  ...INTEGER_CASE,
  accounts: ['7', '-7', '9007199254740992', '9007199254740993', '9223372036854775807'],
  asks: [7, 7n, -7, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n],
  strangers: ['9007199254740994', 2n ** 63n - 2n],
};

/** Makes both accounts of a type that TypeORM has no name for. */
const domain = (name: string, type: string) => retyped(createDomain(name, type), name, RETYPED);
const icu = (name: string, locale: string) =>
  retyped(createIcuCollation(name, locale), `text COLLATE ${name}`, RETYPED);
const RETYPED = ['host_call.account_id', 'host_assistant.account_id'];

const COLUMNS: readonly AccountColumn[] = [
  { title: 'int', column: { type: 'int' }, ...INTEGER_CASE },
  {
    title: 'int, beyond which there is none',
    on: [PG],
    column: { type: 'int' },
    accounts: [7],
    malformed: [3_000_000_000, '3000000000', 3_000_000_000n, -3_000_000_000],
  },
  {
    title: 'int, beyond which there is none',
    on: ['mariadb', 'sqljs'],
    column: { type: 'int' },
    accounts: [7],
    strangers: [3_000_000_000, '3000000000', 3_000_000_000n],
  },
  {
    title: 'smallint',
    on: [PG],
    column: { type: 'smallint' },
    accounts: [7, -7],
    asks: ['7', 7n],
    malformed: [...MALFORMED, ...TOO_LARGE, 32768, 3_000_000_000],
  },
  { title: 'bigint', on: [PG, 'mariadb'], column: { type: 'bigint' }, ...BIGINT_CASE },
  {
    title: 'bigint unsigned',
    on: ['mariadb'],
    column: { type: 'bigint', unsigned: true },
    ...BIGINT_CASE,
    accounts: ['7', '9007199254740993', '18446744073709551615'],
    asks: [7, 7n, 2n ** 64n - 1n],
    strangers: ['18446744073709551614', -7],
  },
  {
    title: 'domain over int',
    on: [PG],
    column: { type: 'int' },
    ...domain('account_number', 'int CHECK (VALUE <> 13)'),
    ...INTEGER_CASE,
    strangers: [8, 13],
  },
  { title: 'text', on: [PG, 'sqljs'], column: { type: 'text' }, ...TEXT_CASE },
  { title: 'varchar', on: ['mariadb'], column: { type: 'varchar' }, ...TEXT_CASE },
  { title: 'citext', on: [SERVER], column: { type: 'citext' }, ...TEXT_CASE },
  {
    title: 'text under a collation that ignores case and accents',
    on: [SERVER],
    column: { type: 'text' },
    ...icu('base_letters', 'und-u-ks-level1'),
    ...TEXT_CASE,
  },
  {
    title: 'text under a collation that ignores case',
    on: [SERVER],
    column: { type: 'text' },
    ...icu('any_case', 'und-u-ks-level2'),
    ...TEXT_CASE,
  },
  {
    title: 'text under a collation that ignores punctuation and blanks',
    on: [SERVER],
    column: { type: 'text' },
    ...icu('letters_alone', 'und-u-ka-shifted-ks-level1'),
    ...TEXT_CASE,
  },
  {
    title: 'char(8), with the padding or without',
    on: [PG],
    column: { type: 'char', length: '8' },
    accounts: SHORT,
    asks: [...SHORT.map((text) => text.padEnd(8)), 7, 7n],
    strangers: ['Acme', 'acme\n', '７', 0, 'acme12345'],
    owns: (account) => (property) => String(property).trimEnd() === String(account).trimEnd(),
  },
  {
    title: 'domain over text',
    on: [SERVER],
    column: { type: 'text' },
    ...domain('account_name', 'text'),
    ...TEXT_CASE,
  },
  {
    title: 'domain over citext',
    on: [SERVER],
    column: { type: 'citext' },
    ...domain('account_nick', 'citext'),
    ...TEXT_CASE,
  },
  {
    title: 'enum',
    on: [PG],
    column: { type: 'enum', enum: ['acme', 'ACME', '7', '07'], enumName: 'account_enum' },
    accounts: ['acme', 'ACME', '7', '07'],
    asks: [7, 7n],
    strangers: ['Acme', 'acme ', 1, ''],
  },
  { title: 'uuid', on: [PG, 'mariadb'], column: { type: 'uuid' }, ...UUID_CASE },
  {
    title: 'enum',
    on: ['mariadb'],
    column: { type: 'enum', enum: ['acme', '7', '07'] },
    accounts: ['acme', '7', '07'],
    asks: [7, 7n],
    // An enumeration is also the number of its label.
    strangers: ['ACME', 'acme ', 1, '1', 2, 0, '0'],
  },
  ...['utf8mb4_unicode_ci', 'utf8mb4_unicode_520_ci', 'utf8mb4_bin', 'utf8mb4_nopad_bin'].map(
    (collation): AccountColumn => ({
      title: `varchar in ${collation}`,
      on: ['mariadb'],
      column: { type: 'varchar', charset: 'utf8mb4', collation },
      ...TEXT_CASE,
    }),
  ),
  {
    title: 'varchar in latin1_swedish_ci',
    on: ['mariadb'],
    column: { type: 'varchar', charset: 'latin1', collation: 'latin1_swedish_ci' },
    accounts: LATIN,
    asks: NUMBERS,
    strangers: ['ａｃｍｅ', '７', '😀', '?'],
  },
  {
    title: 'char(8)',
    on: ['mariadb'],
    column: { type: 'char', length: '8' },
    accounts: SHORT,
    asks: [7, 7n],
    strangers: ['Acme', 'acme\n', '７', 0],
  },
  ...['NOCASE', 'RTRIM', 'BINARY'].map((collation): AccountColumn => ({
    title: `text COLLATE ${collation}`,
    on: ['sqljs'],
    column: { type: 'text', collation },
    ...TEXT_CASE,
  })),
];

/** Two calls and an assistant for each account; a third call is with the assistant of the next account. */
async function addAccounts(host: FindHost, accounts: readonly (string | number)[]): Promise<void> {
  const assistants = accounts.map((accountId, index) => ({
    id: index + 1,
    accountId,
    name: `of ${accountId}`,
  }));
  const calls = assistants.flatMap(({ id, accountId }) => {
    const call = { accountId, status: 'busy', callSid: `CA of ${accountId}` };
    return [
      { ...call, id: id * 3, assistantId: id },
      { ...call, id: id * 3 + 1, assistantId: null },
      { ...call, id: id * 3 + 2, assistantId: (id % accounts.length) + 1 },
    ];
  });
  await host.add('assistants', ...assistants);
  await host.add('calls', ...calls);
}

describeKinds('Accounts', (database, type, kind) => {
  describe.each(casesOf(COLUMNS, kind))('in a column of $title', (each) => {
    const { column, accounts, before, after = [], asks = [], owns = is } = each;

    async function start(): Promise<FindHost> {
      const entities = hostEntities(type, { accountId: column }, { accountId: column });
      const host = await FindHost.connect(database, { entities, before, formats: ['json'] });
      for (const sql of after) await host.dataSource.query(sql);
      await addAccounts(host, accounts);
      await host.startApps();
      return host;
    }

    it('are given their own calls, counts and assistants alone', async () => {
      const host = await start();
      const { calls } = host.entities;
      const rows = await host.dataSource.getRepository(calls.entity).find();
      const accountOf = fieldsOf(calls.properties);
      const found = new Set(rows.map((row) => accountOf(row, 'accountId') as AccountId));
      expect(found.size).toBe(accounts.length);
      for (const account of found) {
        // Nobody's, which is refused.
        if (account === '') continue;
        const own = await expectFound(host, account, {}, owns(account));
        expect(own).toHaveLength(3);
        const [assistantId, theirs] = (
          await host.dataSource.getRepository(calls.entity).findBy({ accountId: account as never })
        )
          .filter((row) => owns(account)(row['accountId']) && row['assistantId'] !== null)
          .map((row) => Number(row['assistantId']));
        await expectFound(host, account, { assistantId }, owns(account));
        await expectFound(host, account, { assistantId: theirs }, owns(account));
      }
      for (const ask of asks) await expectFound(host, ask, {}, owns(ask));
    }, 30_000);

    it('are none if they have no calls, or are refused', async () => {
      const host = await start();
      for (const stranger of [...(each.strangers ?? []), 'acme\0']) {
        for (const outcome of await outcomesOf(host, stranger)) {
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(TypeError);
          else expect([stranger, outcome]).toEqual([stranger, []]);
        }
      }
    });

    if (each.malformed) {
      it('are refused where they can be none', async () => {
        const host = await start();
        for (const account of each.malformed ?? []) {
          for (const outcome of await outcomesOf(host, account)) {
            expect([account, outcome]).toEqual([account, expect.any(TypeError)]);
          }
        }
        expect(await httpStatuses(host, each.malformed ?? [])).toEqual(
          each.malformed?.map((account) => [account, 403]),
        );
      });
    }
  });

  describe('of tables without entities', () => {
    const ACCOUNTS = ['7', '07', '7abc', '7 ', ' 7', '７', '7.0', '+7', 'x'];

    it.each([
      ['integer', 7],
      ['integer', '7'],
      ['integer', 7n],
      ['text', 7],
      ['text', '7'],
      ['text', '7 '],
      ['text', 'x'],
      ['integer', 'x'],
    ] as const)(
      'whose accounts are texts are exact, or refused, with the type %s for %p',
      async (accountType, account) => {
        const entities = entitiesOnTables({ accountType });
        const text = type === 'mariadb' ? 'varchar(255)' : 'text';
        const time = type === 'postgres' ? 'timestamptz' : 'datetime';
        const host = await FindHost.start(database, {
          entities,
          ddl: [
            'DROP TABLE IF EXISTS calls',
            'DROP TABLE IF EXISTS assistants',
            `CREATE TABLE assistants (id int PRIMARY KEY, account_id ${text}, name ${text})`,
            `CREATE TABLE calls (id int PRIMARY KEY, account_id ${text}, call_sid ${text}, assistant_id int,
             customer_phone_number ${text}, status ${text}, duration int, started_at ${time}, ended_at ${time})`,
          ],
        });
        await addAccounts(host, ACCOUNTS);
        for (const outcome of await outcomesOf(host, account)) {
          // A text is an account there; an integer may be refused.
          if (accountType === 'integer' && outcome instanceof Error) continue;
          if (outcome instanceof Error) throw outcome;
          expect(outcome.map((call) => call['call_sid'])).toEqual(
            Array(3).fill(`CA of ${account}`),
          );
        }
      },
    );
  });
});
