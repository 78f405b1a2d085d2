// @slow
import { tmpdir } from 'node:os';
import { describeEachDatabase, TIMEOUT_MS } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { exportFrom, LISTENING, Program } from './program';

afterAll(() => Program.killAll());

describeEachDatabase('The API on a database', dataSourceOptions, (database) => {
  const environment = {
    PORT: '0',
    JWT_SECRET: 'x'.repeat(32),
    JWT_ISSUER: 'us',
    JWT_AUDIENCE: 'them',
  };
  const STARTS = [
    '1970-01-01T00:00:00',
    '2023-03-12T02:30:00',
    '2023-10-29T01:30:00',
    '2100-12-31T23:59:59',
  ];

  beforeAll(async () => {
    await database.dataSource.query(
      `INSERT INTO calls (account_id, call_sid, status, started_at)
       SELECT 1, number, 'busy', (start || '.999999Z')::timestamptz FROM unnest($1::text[]) WITH ORDINALITY AS all_starts (start, number)`,
      [STARTS],
    );
  });

  it.each([
    ['America/St_Johns', 'Asia/Kolkata'],
    ['Asia/Kathmandu', 'America/New_York'],
    ['Pacific/Apia', 'UTC'],
  ])(
    'exports times in UTC, whatever the time zone of the process (%s) and the database (%s)',
    async (TZ, timeZone) => {
      const [{ name }] = await database.dataSource.query('SELECT current_database() AS name');
      await database.dataSource.query(`ALTER DATABASE "${name}" SET TimeZone TO '${timeZone}'`);
      // The embedded database has one session for all its connections.
      await database.dataSource.query(`SET TimeZone TO '${timeZone}'`);

      const token = new Program('token', environment, tmpdir());
      expect(await token.exitCode()).toBe(0);
      const program = new Program(
        'main',
        { ...environment, TZ, DATABASE_URL: database.url },
        tmpdir(),
      );
      const url = await program.printed(LISTENING);
      const starts = async (query: string) =>
        JSON.parse(await exportFrom(url, token.output.trim(), query)).map(
          (call: { started_at: string }) => call.started_at,
        );

      expect(await starts('?format=json')).toEqual(STARTS);
      expect(await starts('?format=json&date_from=2023-03-12&date_to=2023-03-12')).toEqual([
        STARTS[1],
      ]);
      expect(await starts('?format=json&date_from=2023-10-29T01:30:01')).toEqual([STARTS[3]]);
      expect(await program.stop()).toBe(0);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['JWT_ISSUER', { JWT_ISSUER: 'others' }],
    ['JWT_AUDIENCE', { JWT_AUDIENCE: 'others' }],
    ['JWT_ISSUER', { JWT_ISSUER: '' }],
  ])(
    'refuses a token with a different %s (%j)',
    async (_, others) => {
      const token = new Program('token', { ...environment, ...others }, tmpdir());
      expect([await token.exitCode(), token.output]).toEqual([
        0,
        expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+\n$/),
      ]);
      const program = new Program('main', { ...environment, DATABASE_URL: database.url }, tmpdir());
      const url = await program.printed(LISTENING);
      const headers = { authorization: `Bearer ${token.output.trim()}` };
      expect((await fetch(`${url}/api/v1/calls/export`, { headers })).status).toBe(401);
      expect(await program.stop()).toBe(0);
    },
    TIMEOUT_MS,
  );
});
