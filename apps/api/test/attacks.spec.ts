import { CALL_STATUSES } from 'nestjs-calls-export';
import { describeEachDatabase, rawResponse, until } from '@calls/testing';
import { ConsoleLogger } from '@nestjs/common';
import * as fc from 'fast-check';
import { sign } from 'jsonwebtoken';
import { parse } from 'papaparse';
import { dataSourceOptions } from '../src/data-source-options';
import { whileCallsMissing } from './block-calls';
import { accountToken, type Api, bearer, SECRET, startApi, withToken } from './start-api';

const MINE = 1;
const THEIRS = 2;
const PHONE = '+15559876543';
const now = () => Math.floor(Date.now() / 1000);

/** Characters that start a formula in a spreadsheet, and whitespace that it skips before one. */
const OPENERS = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
const BEFORE = ['', ' ', '  ', '\u00a0', '\u3000', '\ufeff', '\t', '\r', '\n', '\r\n', ' \t\n'];

describeEachDatabase('An attack', dataSourceOptions, (database) => {
  let api: Api;
  const log: string[] = [];

  beforeAll(async () => {
    const logger = new ConsoleLogger();
    for (const level of ['log', 'warn', 'error', 'fatal'] as const) {
      logger[level] = (...line: unknown[]) => {
        log.push(JSON.stringify(line));
      };
    }
    api = await startApi(database.url, {}, logger);
  });
  afterAll(() => api.close());

  beforeEach(async () => {
    log.splice(0);
    await database.dataSource.query('TRUNCATE calls, assistants RESTART IDENTITY CASCADE');
    await database.dataSource.query(
      `INSERT INTO assistants (account_id, name) VALUES (1, 'mine'), (2, 'theirs')`,
    );
    await database.dataSource.query(
      `INSERT INTO calls (account_id, call_sid, assistant_id, customer_phone_number, status, started_at)
       SELECT account, 'CA' || account || status, account, $2, status, '2023-10-30T10:00:00Z'
       FROM unnest($1::text[]) AS status, generate_series(1, 2) AS account`,
      [[...CALL_STATUSES], PHONE],
    );
  });

  const tokenOf = (account: number) => withToken(accountToken(account)).authorization;

  /** Sends raw lines, including ones that no HTTP client would send. */
  async function raw(lines: string[]): Promise<string> {
    const request = [...lines, 'Host: api', 'Connection: close', '', ''].join('\r\n');
    return (await rawResponse(Number(new URL(api.url).port), request)).toString('latin1');
  }
  const GET = 'GET /api/v1/calls/export HTTP/1.1';

  describe('on the token', () => {
    it('is refused if the token is in a cookie, the query or another header', async () => {
      const token = accountToken(MINE);
      for (const header of [
        `Cookie: access_token=${token}; Authorization=Bearer%20${token}`,
        `X-Authorization: Bearer ${token}`,
        `Proxy-Authorization: Bearer ${token}`,
        `X-Access-Token: ${token}`,
      ]) {
        expect(await raw([GET, header])).toMatch(
          /^HTTP\/1.1 401 [^]*\r\nWWW-Authenticate: Bearer\r\n/,
        );
      }
      const inQuery = `GET /api/v1/calls/export?access_token=${token}&token=${token} HTTP/1.1`;
      expect(await raw([inQuery])).toMatch(/^HTTP\/1.1 401 /);
    });

    it('with a second Authorization header fails: only the first one counts, which proxies check', async () => {
      const response = await raw([
        GET,
        `Authorization: ${tokenOf(MINE)}`,
        `Authorization: ${tokenOf(THEIRS)}`,
      ]);
      expect(response).toMatch(/^HTTP\/1.1 200 /);
      expect(response).toContain('"mine"');
      expect(response).not.toContain('theirs');
      expect(
        await raw([GET, 'Authorization: Bearer x', `Authorization: ${tokenOf(MINE)}`]),
      ).toMatch(/^HTTP\/1.1 401 /);
    });

    it.each([
      '../../../../dev/null',
      '/dev/null',
      "x' UNION SELECT ''--",
      'http://127.0.0.1/key',
      '\u0000',
    ])('cannot choose a key with the key id %j', async (keyid) => {
      const claims = { account_id: MINE, exp: now() + 60 };
      for (const secret of ['\0', keyid, 'x']) {
        const token = sign(claims, secret, { keyid });
        const response = await api.export('', withToken(token));
        expect(response.status).toBe(401);
      }
    });

    it('gets a 431 if the token is too long', async () => {
      const token = sign({ account_id: MINE, exp: now() + 60, filler: 'a'.repeat(20_000) }, SECRET);
      expect(await raw([GET, `Authorization: Bearer ${token}`])).toMatch(/^HTTP\/1.1 431 /);
    });
  });

  it.each(['format', 'status', 'assistant_id', 'date_from', 'date_to', 'timezone', 'after'])(
    'with SQL in %s gets a 400 and changes nothing',
    async (name) => {
      for (const value of [
        "'",
        "' OR '1'='1",
        "completed' OR account_id = 2 --",
        '1; DROP TABLE calls; --',
        '1) UNION SELECT * FROM calls --',
        "2023-10-30'); SELECT pg_sleep(10); --",
        "E'\\'' || version()",
        '$1',
        ':accountId',
        '$$;SELECT 1;$$',
      ]) {
        expect((await api.export({ [name]: value })).status).toBe(400);
      }
      const [{ count }] = await database.dataSource.query('SELECT count(*)::int FROM calls');
      expect(count).toBe(2 * CALL_STATUSES.length);
    },
  );

  it('does not reach the calls of another account with any parameters', async () => {
    const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
    const query = fc.record({
      format: optional(fc.constantFrom('csv', 'json')),
      status: optional(fc.constantFrom(...CALL_STATUSES)),
      assistant_id: optional(fc.constantFrom('1', '2', '3')),
      date_from: optional(fc.constantFrom('0000-01-01', '2023-10-30')),
      date_to: optional(fc.constantFrom('2023-10-30', '9999-12-31')),
      account_id: optional(fc.constant('2')),
    });
    await fc.assert(
      fc.asyncProperty(query, async (parameters) => {
        const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
        const response = await api.export(
          new URLSearchParams(given as [string, string][]).toString(),
        );
        const body = await response.text();
        expect(body).not.toContain('theirs');
        expect(body).not.toContain('CA2');
        if (parameters.account_id !== undefined) {
          expect([response.status, body]).toEqual([
            400,
            expect.stringContaining('account_id is not a parameter of the export'),
          ]);
          return;
        }
        // The dates match all calls.
        const { status, assistant_id = '1' } = parameters;
        const own = assistant_id === '1' ? CALL_STATUSES : [];
        const expected = own.filter((each) => status === undefined || each === status);
        expect([response.status, (body.match(/CA1[\w-]+/g) ?? []).sort()]).toEqual([
          200,
          expected.map((each) => `CA1${each}`).sort(),
        ]);
      }),
      { numRuns: 200 },
    );
  }, 180_000);

  it('with formulas is escaped in CSV, while phone numbers stay as they are', async () => {
    const formulas = OPENERS.flatMap((opener) => BEFORE.map((before) => `${before}${opener}1+1`));
    const inside = [',', '"', '\n', ', ', '";', '\r\n', ';', '\t', '|', '; "', ';\u3000'].flatMap(
      (before) => OPENERS.map((opener) => `a${before}${opener}1+1`),
    );
    for (const [index, formula] of [...formulas, ...inside].entries()) {
      await database.dataSource.query(
        `WITH named AS (INSERT INTO assistants (account_id, name) VALUES (1, $1) RETURNING id)
         INSERT INTO calls (account_id, call_sid, assistant_id, customer_phone_number, status)
         SELECT 1, $2, id, $1, $1 FROM named`,
        // The index makes the SID unique.
        [formula, index < formulas.length ? `${formula}${index}` : `CA-${index}`],
      );
    }
    const rows = parse<string[]>(await (await api.export('')).text(), { newline: '\r\n' }).data;
    const cells = rows.slice(1 + CALL_STATUSES.length, -1).flatMap((row) => row.slice(1, 5));
    expect(cells).toHaveLength(4 * (formulas.length + inside.length));
    for (const cell of cells) {
      // A spreadsheet may split the cell at another separator.
      for (const field of cell.split(/[;\t|\r\n]/)) {
        expect(field).not.toMatch(/^["\s\ufeff]*[=+\-@＝＋－＠]/);
      }
    }
    expect(cells.filter((cell) => cell.startsWith("'"))).toHaveLength(4 * formulas.length);
    expect(rows.slice(1, 1 + CALL_STATUSES.length).map((row) => row[3])).toEqual(
      CALL_STATUSES.map(() => PHONE),
    );
  }, 60_000);

  it.each([
    'status=busy%0d%0aSet-Cookie:%20a=b',
    'format=csv%0d%0aX-Evil:%201',
    'format=json%0aContent-Disposition:%20inline',
    'date_from=2023-10-30%0d%0a%0d%0aevil',
  ])('with %s does not add a header to the response', async (query) => {
    const response = await api.export(query);
    expect(response.status).toBe(400);
    for (const name of ['set-cookie', 'x-evil', 'content-disposition']) {
      expect(response.headers.get(name)).toBeNull();
    }
  });

  it('gets no calls with other methods, and no body with HEAD', async () => {
    const url = `${api.url}/api/v1/calls/export`;
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
      const response = await fetch(url, { method, headers: bearer(MINE) });
      expect([method, response.status]).toEqual([method, 405]);
    }
    const options = await fetch(url, { method: 'OPTIONS', headers: bearer(MINE) });
    expect([options.status, await options.text()]).toEqual([204, '']);
    const head = await fetch(url, { method: 'HEAD', headers: bearer(MINE) });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(401);
  });

  it('finds no token, secret, SQL or phone number in errors or the log', async () => {
    const responses: [status: number, body: string][] = [];
    await whileCallsMissing(database.dataSource, async () => {
      for (const query of ['', 'status=busy', 'status=x', "date_from='", 'assistant_id=1']) {
        for (const headers of [bearer(MINE), { authorization: 'Bearer a.b.c' }, {}]) {
          const response = await api.export(query, headers);
          responses.push([response.status, await response.text()]);
        }
      }
    });
    // For each query: a valid token, an invalid one, and none.
    expect(responses.map(([status]) => status)).toEqual(
      [500, 500, 400, 400, 500].flatMap((status) => [status, 401, 401]),
    );
    // A completed export logs its line as well.
    const completed = await api.export('');
    expect([completed.status, await completed.text()]).toEqual([
      200,
      expect.stringContaining(PHONE),
    ]);
    await until(() => log.join().includes('"export":"completed"'), 10_000);
    const bodies = responses.map(([, body]) => body);
    for (const text of [...bodies, ...log]) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(tokenOf(MINE).slice(-20));
      expect(text).not.toContain('a.b.c');
      expect(text).not.toMatch(/SELECT|COPY \(|FROM |\+1555/);
    }
    for (const body of bodies) {
      expect(JSON.parse(body)).toMatchObject({ message: expect.anything() });
      expect(body).not.toMatch(/relation|typeorm|node_modules|at /i);
    }
    expect(log.join()).toContain('"export":"refused"');
  });
});
