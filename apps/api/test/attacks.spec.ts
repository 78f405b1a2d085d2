import { CALL_STATUSES } from 'nestjs-calls-export';
import { describeEachDatabase, rawAnswer, until } from '@calls/testing';
import { ConsoleLogger } from '@nestjs/common';
import * as fc from 'fast-check';
import { sign } from 'jsonwebtoken';
import { parse } from 'papaparse';
import { dataSourceOptions } from '../src/data-source-options';
import { type Api, bearer, SECRET, startApi } from './start-api';

const MINE = 1;
const THEIRS = 2;
const PHONE = '+15559876543';
const now = () => Math.floor(Date.now() / 1000);

/** What a spreadsheet takes for the beginning of a formula, and what it passes over before one. */
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

  const tokenOf = (account: number) => bearer(account)['authorization'] as string;

  /** A request as its bytes, so that it may have what no client sends. */
  async function raw(lines: string[]): Promise<string> {
    const request = [...lines, 'Host: api', 'Connection: close', '', ''].join('\r\n');
    return (await rawAnswer(Number(new URL(api.url).port), request)).toString('latin1');
  }
  const GET = 'GET /api/v1/calls/export HTTP/1.1';

  describe('by the token', () => {
    it('in a cookie, the query or another header is no token at all', async () => {
      const token = tokenOf(MINE).slice('Bearer '.length);
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

    it('given twice is the first one, of which a proxy has seen the account', async () => {
      const answer = await raw([
        GET,
        `Authorization: ${tokenOf(MINE)}`,
        `Authorization: ${tokenOf(THEIRS)}`,
      ]);
      expect(answer).toMatch(/^HTTP\/1.1 200 /);
      expect(answer).toContain('"mine"');
      expect(answer).not.toContain('theirs');
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
    ])('with the key id %j gets no key of its choice', async (keyid) => {
      const claims = { account_id: MINE, exp: now() + 60 };
      for (const secret of ['\0', keyid, 'x']) {
        const token = sign(claims, secret, { keyid });
        const response = await api.export('', { authorization: `Bearer ${token}` });
        expect(response.status).toBe(401);
      }
    });

    it('of an enormous size is refused by the server of HTTP', async () => {
      const token = sign({ account_id: MINE, exp: now() + 60, filler: 'a'.repeat(20_000) }, SECRET);
      expect(await raw([GET, `Authorization: Bearer ${token}`])).toMatch(/^HTTP\/1.1 431 /);
    });
  });

  it.each(['format', 'status', 'assistant_id', 'date_from', 'date_to', 'timezone', 'after'])(
    'of SQL in %s is refused and does nothing',
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

  it("on another account's calls finds none by any parameters", async () => {
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
        // The dates leave none of the calls out.
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

  it('by formulas reaches no spreadsheet, and phone numbers stay as they are', async () => {
    const formulas = OPENERS.flatMap((opener) => BEFORE.map((before) => `${before}${opener}1+1`));
    const inside = [',', '"', '\n', ', ', '";', '\r\n', ';', '\t', '|', '; "', ';\u3000'].flatMap(
      (before) => OPENERS.map((opener) => `a${before}${opener}1+1`),
    );
    for (const [index, formula] of [...formulas, ...inside].entries()) {
      await database.dataSource.query(
        `WITH named AS (INSERT INTO assistants (account_id, name) VALUES (1, $1) RETURNING id)
         INSERT INTO calls (account_id, call_sid, assistant_id, customer_phone_number, status)
         SELECT 1, $2, id, $1, $1 FROM named`,
        // A SID is as unique as it is short.
        [formula, index < formulas.length ? `${formula}${index}` : `CA-${index}`],
      );
    }
    const rows = parse<string[]>(await (await api.export('')).text(), { newline: '\r\n' }).data;
    const cells = rows.slice(1 + CALL_STATUSES.length, -1).flatMap((row) => row.slice(1, 5));
    expect(cells).toHaveLength(4 * (formulas.length + inside.length));
    for (const cell of cells) {
      // Where the cell ends and what a spreadsheet makes of its text, also one that splits it elsewhere.
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
  ])('by %s puts no header into the answer', async (query) => {
    const response = await api.export(query);
    expect(response.status).toBe(400);
    for (const name of ['set-cookie', 'x-evil', 'content-disposition']) {
      expect(response.headers.get(name)).toBeNull();
    }
  });

  it('by other methods gets nothing, and HEAD no body', async () => {
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

  it('reads no token, secret, statement or phone number out of errors or the log', async () => {
    await database.dataSource.query('ALTER TABLE calls RENAME TO elsewhere');
    const answers: [status: number, body: string][] = [];
    try {
      for (const query of ['', 'status=busy', 'status=x', "date_from='", 'assistant_id=1']) {
        for (const headers of [bearer(MINE), { authorization: 'Bearer a.b.c' }, {}]) {
          const response = await api.export(query, headers);
          answers.push([response.status, await response.text()]);
        }
      }
    } finally {
      await database.dataSource.query('ALTER TABLE elsewhere RENAME TO calls');
    }
    // Of each query: with a good token, with a bad one and without one.
    expect(answers.map(([status]) => status)).toEqual(
      [500, 500, 400, 400, 500].flatMap((status) => [status, 401, 401]),
    );
    // An export that completes leaves its line as well.
    const whole = await api.export('');
    expect([whole.status, await whole.text()]).toEqual([200, expect.stringContaining(PHONE)]);
    await until(() => log.join().includes('"export":"completed"'), 10_000);
    const bodies = answers.map(([, body]) => body);
    for (const said of [...bodies, ...log]) {
      expect(said).not.toContain(SECRET);
      expect(said).not.toContain(tokenOf(MINE).slice(-20));
      expect(said).not.toContain('a.b.c');
      expect(said).not.toMatch(/SELECT|COPY \(|FROM |\+1555/);
    }
    for (const body of bodies) {
      expect(JSON.parse(body)).toMatchObject({ message: expect.anything() });
      expect(body).not.toMatch(/relation|typeorm|node_modules|at /i);
    }
    expect(log.join()).toContain('"export":"refused"');
  });
});
