import { describeEachDatabase } from '@calls/testing';
import { sign } from 'jsonwebtoken';
import { dataSourceOptions } from '../src/data-source-options';
import { accountOf } from '../src/account-claim';
import { Environment } from '../src/environment';
import { type Api, SECRET, startApi, withToken } from './start-api';

const INTEGER = 'must be an integer from 1 to 2147483647';
const UUID = '0a1b2c3d-0000-4000-8000-00000000000a';

interface ErrorBody {
  readonly message: string;
  readonly requestId: string;
}

function tokenOf(claims: object, options: object = {}): string {
  return sign(claims, SECRET, { algorithm: 'HS256', expiresIn: 600, ...options });
}

describeEachDatabase(
  'The claims of a token',
  dataSourceOptions,
  (database) => {
    let api: Api | undefined;
    const start = async (
      settings: Partial<Environment> = {},
      logger?: Parameters<typeof startApi>[2],
    ) => {
      api = await startApi(database.url, settings, logger);
    };
    afterEach(async () => {
      await api?.close();
      api = undefined;
    });
    const get = (token: string) => (api as Api).export('format=json', withToken(token));
    beforeAll(async () => {
      await database.dataSource.query(
        `INSERT INTO calls (account_id, call_sid, status, started_at) VALUES (42, 'of 42', 'busy', now()), (3, 'of 3', 'busy', now())`,
      );
    });

    it.each<[string, object]>([
      ['account_id', { account_id: '42' }],
      ['https://example.com/account_id', { 'https://example.com/account_id': 42 }],
      ['custom:account_id', { 'custom:account_id': '42' }],
      ['org.id', { org: { id: 42 } }],
      ['app_metadata.account_id', { app_metadata: { account_id: '42' } }],
      // A claim of that exact name takes precedence over the path.
      ['org.id', { 'org.id': 42, org: { id: 3 } }],
    ])('identify the account by JWT_ACCOUNT_CLAIM=%s: %j', async (JWT_ACCOUNT_CLAIM, claims) => {
      await start({ JWT_ACCOUNT_CLAIM });
      const calls = (await (await get(tokenOf(claims))).json()) as { call_sid: string }[];
      expect(calls.map(({ call_sid }) => call_sid)).toEqual(['of 42']);
    });

    it.each<[string, object]>([
      ['account_id', {}],
      ['org.id', { org: null }],
      ['org.id', { org: 'id' }],
      // If the full name is null, the path is not tried.
      ['org.id', { 'org.id': null, org: { id: 42 } }],
      ['orgs.length', { orgs: [1, 2, 3] }],
      ['orgs.0', { orgs: [42] }],
      ['org.length', { org: 'abc' }],
      ['constructor.length', {}],
      ['__proto__.id', {}],
      ['toString', {}],
      ...['042', ' 42', '42 ', '4e1', '-1', '+42', '0', '', '2147483648', '0x2a', '42.0', '٤٢'].map(
        (account_id): [string, object] => ['account_id', { account_id }],
      ),
    ])(
      'get a 403 that names JWT_ACCOUNT_CLAIM=%s if it is invalid or missing: %j',
      async (JWT_ACCOUNT_CLAIM, claims) => {
        await start({ JWT_ACCOUNT_CLAIM });
        const response = await get(tokenOf(claims));
        expect([response.status, ((await response.json()) as ErrorBody).message]).toEqual([
          403,
          `The token does not identify an account: its claim ${JWT_ACCOUNT_CLAIM} ${INTEGER}`,
        ]);
      },
    );

    it('count against one rate limit, whether the account is a number or a string', async () => {
      await start({ JWT_ACCOUNT_CLAIM: 'org.id', RATE_LIMIT_PER_ACCOUNT: 2 });
      const statuses: number[] = [];
      for (const id of [42, '42', 42, 3])
        statuses.push((await get(tokenOf({ org: { id } }))).status);
      expect(statuses).toEqual([200, 200, 429, 200]);
    });

    it.each<['text' | 'uuid', unknown, string | undefined]>([
      ['text', 'acme', 'acme'],
      ['text', 'null', 'null'],
      ['text', 'Ärzte 🏥 ', 'Ärzte 🏥 '],
      ['text', 42, '42'],
      ['text', '042', '042'],
      ['text', 'x'.repeat(255), 'x'.repeat(255)],
      ['text', 'x'.repeat(256), undefined],
      ['text', '', undefined],
      ['text', 'a\0b', undefined],
      ['text', '\ud800', undefined],
      ['text', 2 ** 53, undefined],
      ['text', 1.5, undefined],
      ['text', true, undefined],
      ['text', null, undefined],
      ['text', ['acme'], undefined],
      ['uuid', UUID, UUID],
      ['uuid', UUID.toUpperCase(), UUID],
      ['uuid', `{${UUID}}`, undefined],
      ['uuid', UUID.replaceAll('-', ''), undefined],
      ['uuid', `${UUID}\n`, undefined],
      ['uuid', `urn:uuid:${UUID}`, undefined],
      ['uuid', 42, undefined],
    ])('with ACCOUNT_TYPE=%s and the account %j identify %j', (ACCOUNT_TYPE, id, account) => {
      const environment = Object.assign(new Environment(), {
        ACCOUNT_TYPE,
        JWT_ACCOUNT_CLAIM: 'org.id',
      });
      const find = () => accountOf({ org: { id } }, environment);
      if (account !== undefined) return expect(find()).toBe(account);
      const accepted = ACCOUNT_TYPE === 'uuid' ? 'a UUID' : 'a string of 1 to 255 characters';
      expect(find).toThrow(
        `The token does not identify an account: its claim org.id must be ${accepted}`,
      );
    });

    it('must have the audience in JWT_AUDIENCE_CLAIM', async () => {
      await start({ JWT_AUDIENCE: 'us', JWT_AUDIENCE_CLAIM: 'client_id' });
      const status = async (claims: object) =>
        (await get(tokenOf({ account_id: 42, ...claims }))).status;
      expect(await status({ client_id: 'us' })).toBe(200);
      expect(await status({ client_id: ['them', 'us'] })).toBe(200);
      for (const claims of [
        {},
        { aud: 'us' },
        { client_id: 'them', aud: 'us' },
        { client_id: 'u' },
      ]) {
        expect(await status(claims)).toBe(401);
      }
    });

    it('get the same 401 whatever is wrong, with the reason in the log and the metrics', async () => {
      const lines: string[] = [];
      const ignore = () => {};
      const debug = (line: unknown) => void lines.push(String(line));
      await start(
        { JWT_ISSUER: 'us', JWT_AUDIENCE: 'calls', METRICS: 'true' },
        { log: ignore, warn: ignore, error: ignore, debug },
      );
      const now = Math.floor(Date.now() / 1000);
      const claims = { account_id: 42, iss: 'us', aud: 'calls' };
      const good = tokenOf(claims);
      const tokens: Record<string, string> = {
        malformed: 'nonsense',
        critical: tokenOf(claims, { header: { alg: 'HS256', crit: ['x'] } }),
        algorithm: tokenOf(claims, { algorithm: 'HS512' }),
        signature: `${good.slice(0, -4)}AAAA`,
        expired: sign({ ...claims, exp: now - 60 }, SECRET),
        not_yet_valid: tokenOf({ ...claims, nbf: now + 60 }),
        no_expiry: sign(claims, SECRET),
        issuer: tokenOf({ ...claims, iss: 'them' }),
        audience: tokenOf({ ...claims, aud: 'them' }),
      };
      const responses = new Set<string>();
      for (const token of Object.values(tokens)) {
        const response = await get(token);
        const body = { ...((await response.json()) as ErrorBody), requestId: undefined };
        const headers = [...response.headers]
          .filter(([name]) => !/^(date|etag|x-request-id|x-ratelimit|keep-alive)/.test(name))
          .sort();
        responses.add(JSON.stringify([response.status, headers, body]));
      }
      expect([...responses]).toHaveLength(1);
      expect((await (api as Api).export('', {})).status).toBe(401);
      expect((await get(good)).status).toBe(200);
      const reasons = [...Object.keys(tokens), 'missing'];
      const refusals = () => lines.filter((line) => line.startsWith('Refused a bearer token'));
      expect(refusals()).toEqual(reasons.map((reason) => `Refused a bearer token: ${reason}`));
      const metrics = await (await fetch(`${(api as Api).url}/metrics`)).text();
      for (const reason of reasons) {
        expect(metrics).toContain(`calls_export_unauthorized_total{reason="${reason}"} 1\n`);
      }
    });
  },
  ['embedded PostgreSQL'],
);
