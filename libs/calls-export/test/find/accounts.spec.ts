// @slow
import { type AccountId, entitiesOnTables } from '../../src';
import { ACCOUNT_COLUMNS } from './account-columns';
import { casesOf, describeKinds } from './describe-kinds';
import { hostEntities } from './entities';
import { expectFound, FindHost, isAccount } from './find-host';
import { httpStatuses } from './http-host';
import { fieldsOf } from './oracle';
import { outcomesOf } from './outcomes';

/** Adds an assistant and three calls per account. The third call has the assistant of the next account. */
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
  describe.each(casesOf(ACCOUNT_COLUMNS, kind))('in a column of $title', (each) => {
    const { column, accounts, before, after = [], aliases = [], owns = isAccount } = each;

    async function start(): Promise<FindHost> {
      const entities = hostEntities(type, { accountId: column }, { accountId: column });
      const host = await FindHost.connect(database, { entities, before, formats: ['json'] });
      for (const sql of after) await host.dataSource.query(sql);
      await addAccounts(host, accounts);
      await host.startApps();
      return host;
    }

    it('get only their own calls, counts and assistants', async () => {
      const host = await start();
      const { calls } = host.entities;
      const rows = await host.dataSource.getRepository(calls.entity).find();
      const accountOf = fieldsOf(calls.properties);
      const found = new Set(rows.map((row) => accountOf(row, 'accountId') as AccountId));
      expect(found.size).toBe(accounts.length);
      for (const account of found) {
        // The service rejects an empty account.
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
      for (const alias of aliases) await expectFound(host, alias, {}, owns(alias));
    }, 30_000);

    it('get no calls, or a TypeError, if they have no calls', async () => {
      const host = await start();
      for (const stranger of [...(each.strangers ?? []), 'acme\0']) {
        for (const outcome of await outcomesOf(host, stranger)) {
          if (outcome instanceof Error) expect(outcome).toBeInstanceOf(TypeError);
          else expect([stranger, outcome]).toEqual([stranger, []]);
        }
      }
    });

    if (each.malformed) {
      it('get a TypeError, and 403 over HTTP, if the column cannot hold them', async () => {
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

  describe('in tables without entities', () => {
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
      'match a text column exactly, or are rejected, with accountType %s and the account %p',
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
          // Only accountType integer may reject a value.
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
