import { describeEachDatabase } from '@calls/testing';
import * as fc from 'fast-check';
import { sign } from 'jsonwebtoken';
import { dataSourceOptions } from '../src/data-source-options';
import { accountToken, type Api, SECRET, startApi, withToken } from './start-api';

const now = () => Math.floor(Date.now() / 1000);

function signed(claims: object, secret = SECRET, algorithm: 'HS256' | 'HS512' = 'HS256') {
  return withToken(sign(claims, secret, { algorithm }));
}

describeEachDatabase('GET /api/v1/calls/export refuses', dataSourceOptions, (database) => {
  let api: Api;

  beforeAll(async () => {
    api = await startApi(database.url);
  });
  afterAll(() => api.close());

  const FORMAT = 'format must be one of csv, json, ndjson, xlsx';
  const STATUS =
    'status must be one of queued, initiated, ringing, in-progress, ongoing, completed, busy, failed, no-answer, canceled';
  const ASSISTANT = 'assistant_id must be an integer from 1 to 2147483647';
  const date = (name: string) =>
    `${name} must be a valid date in ISO 8601 or RFC 3339, such as 2023-10-30, 2023-10-30T10:05 or 2023-10-30 10:05:00.5, ` +
    'with an optional Z or offset such as +02:00 after the time';
  const unknown = (name: string) =>
    `${name} is not a parameter of the export; valid parameters are format, status, assistant_id, date_from, date_to, timezone, after`;
  const TIMEZONE = 'timezone must be an IANA time zone name such as Europe/Berlin';
  const AFTER = `after must be an integer from ${-(2n ** 63n)} to ${2n ** 63n - 1n}`;
  const GONE =
    'after must be the id of an existing call of this account. Leave it out to export from the beginning.';

  it.each([
    ['format=xml', [FORMAT]],
    ['format=CSV', [FORMAT]],
    ['format=csv&format=csv', ['format must be given only once']],
    ['status=done', [STATUS]],
    ['status=completed&status=busy', ['status must be given only once']],
    ['status=&status=', ['status must be given only once']],
    ['status[x]=1', [unknown('status[x]')]],
    ['assistant_id[]=1', [unknown('assistant_id[]')]],
    ['assistant_id=0', [ASSISTANT]],
    ['assistant_id=-1', [ASSISTANT]],
    ['assistant_id=%2B1', [ASSISTANT]],
    ['assistant_id=1.0', [ASSISTANT]],
    ['assistant_id=1e3', [ASSISTANT]],
    ['assistant_id=0x10', [ASSISTANT]],
    ['assistant_id=%201', [ASSISTANT]],
    ['assistant_id=3000000000', [ASSISTANT]],
    ['assistant_id=9007199254740993', [ASSISTANT]],
    ["assistant_id=1'--", [ASSISTANT]],
    ['assistant_id=1&assistant_id=2', ['assistant_id must be given only once']],
    ['after=x', [AFTER]],
    ['after=1.0', [AFTER]],
    ['after=9223372036854775808', [AFTER]],
    ['after=1&after=2', ['after must be given only once']],
    ['after=9223372036854775807', [GONE]],
    ['after=-1', [GONE]],
    ['format=json&date_from=2023-10-30&after=1', [GONE]],
    ['date_from=2023-02-31', [date('date_from')]],
    ['date_to=2023-W44', [date('date_to')]],
    ['date_to=2023-10-30%00', [date('date_to')]],
    ['date_from=%FF', [date('date_from')]],
    ['date_from=2023-10-31&date_to=2023-10-30', ['date_from must not be after date_to']],
    [
      'date_from=2023-10-30T10:05:01&date_to=2023-10-30T10:05:00',
      ['date_from must not be after date_to'],
    ],
    ['timezone=Berlin', [TIMEZONE]],
    ['timezone=%2B02:00', [TIMEZONE]],
    ['timezone=Mars&date_from=2023-10-31&date_to=2023-10-30', [TIMEZONE]],
    ['timezone=UTC&timezone=UTC', ['timezone must be given only once']],
    ['timezone[]=UTC', [unknown('timezone[]')]],
    ['Timezone=UTC', [unknown('Timezone')]],
    ['limit=5', [unknown('limit')]],
    ['Format=csv', [unknown('Format')]],
    ['constructor=1', [unknown('constructor')]],
    ['__proto__=1', [unknown('__proto__')]],
    ['__proto__[format]=json', [unknown('__proto__[format]')]],
    ['format=xml&status=done', [FORMAT, STATUS]],
  ])('the query %s', async (query, message) => {
    const response = await api.export(query);
    expect(await response.json()).toEqual({
      statusCode: 400,
      error: 'Bad Request',
      message,
      requestId: response.headers.get('x-request-id'),
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toMatch('application/json');
    expect(response.headers.get('content-disposition')).toBeNull();
  });

  it('random queries only with a 400', async () => {
    const names = fc.constantFrom(
      'format',
      'status',
      'assistant_id',
      'date_from',
      'date_to',
      'timezone',
      'after',
    );
    const anything = fc.string({ unit: 'binary' }).map((text) => encodeURIComponent(text));
    const raw = fc.stringMatching(/^[\w%+&=[\].;'"-]{0,20}$/);
    const plausible = fc.constantFrom(
      'csv',
      'json',
      'busy',
      '1',
      '2147483647',
      '2023-10-30',
      '0000-01-01T00:00+23:59',
      '9999-12-31',
      'Pacific/Kiritimati',
    );
    const pairs = fc.array(
      fc.tuple(fc.oneof(names, anything, raw), fc.oneof(plausible, anything, raw)),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(pairs, async (query) => {
        const response = await api.export(query.map((pair) => pair.join('=')).join('&'));
        expect([200, 400]).toContain(response.status);
        await response.text();
      }),
      { numRuns: 500 },
    );
  }, 180_000);

  it.each<[string, () => Record<string, string>, string]>([
    ['no token', () => ({}), 'Bearer'],
    ['another scheme', () => ({ authorization: 'Basic dXNlcjpwYXNz' }), 'Bearer'],
    ['an empty token', () => ({ authorization: 'Bearer ' }), 'Bearer'],
    [
      'a token that is not a JWT',
      () => ({ authorization: 'Bearer nonsense' }),
      'Bearer error="invalid_token"',
    ],
    [
      'another key',
      () => signed({ account_id: 1, exp: now() + 60 }, 'y'.repeat(32)),
      'Bearer error="invalid_token"',
    ],
    [
      'another algorithm',
      () => signed({ account_id: 1, exp: now() + 60 }, SECRET, 'HS512'),
      'Bearer error="invalid_token"',
    ],
    [
      'no signature',
      () => ({
        authorization: `Bearer ${sign({ account_id: 1, exp: now() + 60 }, '', { algorithm: 'none' })}`,
      }),
      'Bearer error="invalid_token"',
    ],
    [
      'an expired token',
      () => signed({ account_id: 1, exp: now() - 60 }),
      'Bearer error="invalid_token"',
    ],
    ['a token that never expires', () => signed({ account_id: 1 }), 'Bearer error="invalid_token"'],
  ])('%s with 401', async (_, headers, challenge) => {
    const response = await api.export('format=xml', headers());
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(challenge);
    expect(await response.json()).toMatchObject({ statusCode: 401, error: 'Unauthorized' });
  });

  it.each([undefined, null, '', '01', 1.5, 0, -1, 2 ** 31, [1], true])(
    'the account_id %j with 403',
    async (account_id) => {
      const response = await api.export('format=xml', signed({ account_id, exp: now() + 60 }));
      expect(response.status).toBe(403);
      expect(await response.json()).toEqual({
        statusCode: 403,
        error: 'Forbidden',
        message:
          'The token does not identify an account: its claim account_id must be an integer from 1 to 2147483647',
        requestId: response.headers.get('x-request-id'),
      });
    },
  );

  it('a token in the query', async () => {
    expect((await api.export({ access_token: accountToken(1) }, {})).status).toBe(401);
  });
});
