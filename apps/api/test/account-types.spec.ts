// @slow
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEachDatabase } from '@calls/testing';
import { Assistant, Call } from 'nestjs-calls-export';
import { dataSourceOptions } from '../src/data-source-options';
import { LISTENING, Program } from './program';
import { type Api, bearer, startApi } from './start-api';

const TIMEOUT_MS = 120_000;
const UUIDS = ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12'];
const UUID = UUIDS[0] as string;

const TYPES = [
  {
    accountType: 'integer',
    accounts: [1, 10, 2147483647],
    aliases: [['1', 1]],
    strangers: [2],
    refused: ['01', ' 1', '1e0', 0, -1, 1.5, 2 ** 31, 'null', '1\0', UUID],
  },
  {
    accountType: 'uuid',
    accounts: UUIDS,
    aliases: UUIDS.map((uuid) => [uuid.toUpperCase(), uuid]),
    strangers: ['00000000-0000-0000-0000-000000000000'],
    refused: [
      1,
      'null',
      '',
      `{${UUID}}`,
      `${UUID} `,
      ` ${UUID}`,
      `${UUID}\0`,
      `${UUID}' OR true --`,
    ],
  },
  {
    accountType: 'text',
    accounts: [
      ...['acme', 'ACME', 'acme ', ' acme', 'acme\\', "acme'", "' OR '1'='1", 'a"c', 'null', '1'],
      ...['01', 'auth0|5f7c', '$1', ':same_accountId', '%', '_', '\\.', 'a\tb\nc', 'é', 'e\u0301'],
      ...['😀', '\ufffd', 'ａcme', 'x'.repeat(255), 'x'.repeat(254), UUID, UUID.toUpperCase()],
    ],
    aliases: [],
    strangers: ['Acme', 'acme  ', '001', 'É', 'ACMÉ', `{${UUID}}`, "'; DROP TABLE calls; --"],
    refused: ['', 'acme\0', '\0', 'x'.repeat(256), '\ud800', true, null, ['acme'], {}],
  },
] as const;

afterAll(() => Program.killAll());

describe.each(TYPES)('ACCOUNT_TYPE=$accountType', (each) => {
  const { accountType, accounts, strangers, refused } = each;
  const aliases: readonly (readonly unknown[])[] = each.aliases;

  describeEachDatabase(
    'over HTTP',
    (url) => dataSourceOptions(url, undefined, accountType),
    (database) => {
      let api: Api;
      const log: unknown[] = [];

      beforeAll(async () => {
        const write = (message: unknown) => void log.push(message);
        api = await startApi(
          database.url,
          { ACCOUNT_TYPE: accountType },
          { log: write, warn: write, error: write, fatal: write },
        );
        for (const [index, account] of accounts.entries()) {
          const owned = { accountId: account as number };
          const { id: assistantId } = await database.dataSource
            .getRepository(Assistant)
            .save({ ...owned, name: `Bot ${index}` });
          const of = (status: string) => ({ ...owned, callSid: `${status} ${index}`, status });
          await database.dataSource
            .getRepository(Call)
            .insert([{ ...of('busy'), assistantId }, of('queued')]);
        }
      });
      afterAll(() => api.close());

      /** The calls of an account, filtered here so that the comparison does not rely on a WHERE clause. */
      const ofAccount = async (account: unknown) => {
        const calls = await database.dataSource.getRepository(Call).find({ order: { id: 'ASC' } });
        return calls.filter(({ accountId }) => (accountId as unknown) === account);
      };
      const sidsOf = async (query: Record<string, string>, account: unknown) => {
        const response = await api.export({ format: 'json', ...query }, bearer(account));
        expect([account, response.status]).toEqual([account, 200]);
        return ((await response.json()) as { call_sid: string }[]).map((call) => call.call_sid);
      };

      it(
        'exports only the calls of the account, with every filter and after every call',
        async () => {
          for (const [claim, account] of [...accounts.map((one) => [one, one]), ...aliases]) {
            const own = await ofAccount(account);
            expect(own).toHaveLength(2);
            const [first, second] = own as [Call, Call];
            const sids = own.map(({ callSid }) => callSid);
            expect(await sidsOf({}, claim)).toEqual(sids);
            expect(await sidsOf({ status: 'queued' }, claim)).toEqual([second.callSid]);
            expect(await sidsOf({ after: first.id }, claim)).toEqual([second.callSid]);
            const assistant_id = String(first.assistantId);
            expect(await sidsOf({ assistant_id }, claim)).toEqual([first.callSid]);
          }
        },
        TIMEOUT_MS,
      );

      it('does not export the assistants and calls of another account', async () => {
        const [own, other] = accounts;
        const [call] = (await ofAccount(other)) as [Call];
        const assistant_id = String(call.assistantId);
        expect(await sidsOf({ assistant_id }, other)).toEqual([call.callSid]);
        expect(await sidsOf({ assistant_id }, own)).toEqual([]);
        const after = await api.export({ after: call.id }, bearer(own));
        expect([after.status, await after.json()]).toMatchObject([
          400,
          { message: [expect.stringMatching(/^after must be the id of an existing call /)] },
        ]);
      });

      it('exports every format, counts the calls and logs the export without a warning', async () => {
        const [account] = accounts;
        for (const format of ['csv', 'json', 'ndjson']) {
          const file = await (await api.export({ format }, bearer(account))).text();
          expect(file).toContain('busy 0');
          expect(file).not.toContain('busy 1');
        }
        const workbook = await api.export({ format: 'xlsx' }, bearer(account));
        expect([workbook.status, workbook.headers.get('content-type')]).toEqual([
          200,
          'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
        ]);
        expect((await workbook.arrayBuffer()).byteLength).toBeGreaterThan(1000);
        const head = await api.head('', bearer(account));
        expect([head.status, head.headers.get('x-total-count')]).toEqual([200, '2']);
        const lines = log.filter((line) => typeof line === 'object');
        expect(lines).toContainEqual(expect.objectContaining({ export: 'completed', account }));
        expect(log.filter((line) => /COPY|index/.test(String(line)))).toEqual([]);
      });

      it('exports no calls for an unknown account, and returns 403 for an invalid one', async () => {
        for (const stranger of strangers) expect(await sidsOf({}, stranger)).toEqual([]);
        for (const account of refused) {
          const response = await api.export('', bearer(account));
          expect([account, response.status]).toEqual([account, 403]);
          expect(await response.json()).toMatchObject({
            message: expect.stringContaining('its claim account_id must be'),
          });
        }
      });

      it('limits each account separately', async () => {
        const limited = await startApi(database.url, {
          ACCOUNT_TYPE: accountType,
          RATE_LIMIT_PER_ACCOUNT: 1,
        });
        try {
          const statuses = [];
          for (const account of [accounts[0], accounts[0], accounts[1]]) {
            statuses.push((await limited.export('', bearer(account))).status);
          }
          expect(statuses).toEqual([200, 429, 200]);
        } finally {
          await limited.close();
        }
      });

      it.each(['integer', 'text', 'uuid'] as const)(
        'is ready only if the API and the database have the same type (%s)',
        async (ACCOUNT_TYPE) => {
          const other = await startApi(database.url, { ACCOUNT_TYPE });
          try {
            const response = await fetch(`${other.url}/health/ready`);
            if (ACCOUNT_TYPE === accountType) return expect(response.status).toBe(200);
            const remedy =
              ACCOUNT_TYPE === 'integer' ? 'use another database' : 'run the migration';
            expect(response.status).toBe(503);
            expect(await response.text()).toContain(
              `ACCOUNT_TYPE is ${ACCOUNT_TYPE}, but calls.account_id is ${accountType}: ` +
                `${remedy}, or set ACCOUNT_TYPE=${accountType}`,
            );
          } finally {
            await other.close();
          }
        },
      );
    },
  );
});

describe('The API with an embedded database and ACCOUNT_TYPE=uuid', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'account-types-spec-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it(
    'has demo data, creates tokens and calls of UUID accounts, and refuses another type',
    async () => {
      const ACCOUNT_TYPE = 'uuid';
      const first = new Program('main', { PORT: '0', ACCOUNT_TYPE }, directory);
      const url = await first.printed(LISTENING);
      const rows = async (authorization: string) => {
        const response = await fetch(`${url}/api/v1/calls/export`, { headers: { authorization } });
        expect(response.status).toBe(200);
        return (await response.text()).split('\r\n').length - 2;
      };
      const demo = await first.printed(/^curl -fOJ -H 'Authorization: (Bearer [^']+)'/m);
      expect(await rows(demo)).toBeGreaterThan(3000);

      const args = ['--account', UUID.toUpperCase()];
      const seed = new Program('seed', { ACCOUNT_TYPE }, directory, [...args, '--calls', '7']);
      expect([await seed.exitCode(), seed.output]).toEqual([
        0,
        `Added 7 calls to account ${UUID}\n`,
      ]);
      const made = new Program('token', { ACCOUNT_TYPE }, directory, args);
      expect(await made.exitCode()).toBe(0);
      expect(await rows(`Bearer ${made.output.trim()}`)).toBe(7);
      const refused = new Program('token', { ACCOUNT_TYPE }, directory, ['--account', '1']);
      expect([await refused.exitCode(), refused.output]).toEqual([
        1,
        '--account must be a UUID such as 00000000-0000-4000-8000-000000000001\n',
      ]);
      expect(await first.stop()).toBe(0);

      for (const name of ['main', 'seed']) {
        const other = new Program(name, { PORT: '0' }, directory);
        expect([await other.exitCode(), other.output]).toEqual([
          1,
          'ACCOUNT_TYPE is integer, but calls.account_id is uuid: delete the directory .data, or set ACCOUNT_TYPE=uuid\n',
        ]);
      }
    },
    TIMEOUT_MS,
  );
});
