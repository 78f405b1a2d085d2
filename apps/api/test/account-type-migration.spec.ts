// @slow
// @needs PostgreSQL server
import { tmpdir } from 'node:os';
import { describeEachDatabase } from '@calls/testing';
import { dataSourceOptions } from '../src/data-source-options';
import { Program } from './program';
import { SECRET } from './start-api';

const TIMEOUT_MS = 120_000;
const UUID = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11';

afterAll(() => Program.killAll());

describeEachDatabase(
  'The migration of the account type',
  (url) => dataSourceOptions(url),
  (database) => {
    const query = (sql: string) => database.dataSource.query(sql);
    const run = async (name: string, ACCOUNT_TYPE: string, args: string[] = []) => {
      const settings = { PORT: '0', JWT_SECRET: SECRET, DATABASE_URL: database.url };
      const program = new Program(name, { ...settings, ACCOUNT_TYPE }, tmpdir(), args);
      return [await program.exitCode(), program.output];
    };

    it(
      'runs once if started twice, and refuses a change that is not possible',
      async () => {
        await query(`INSERT INTO calls (account_id, call_sid, status) VALUES (7, 'CA', 'busy')`);
        const other = 'run the migration, or set ACCOUNT_TYPE=integer\n';
        expect(await run('main', 'uuid')).toEqual([
          1,
          `ACCOUNT_TYPE is uuid, but calls.account_id is integer: ${other}`,
        ]);
        expect(await run('migrate', 'uuid')).toEqual([
          1,
          "Can't change calls.account_id to uuid: 7 is not a lowercase UUID. Migrate to text, replace each account with its " +
            'UUID, then migrate to uuid.\n',
        ]);
        const both = await Promise.all([run('migrate', 'text'), run('migrate', 'text')]);
        expect(both.sort()).toEqual([
          [0, 'Applied TextAccounts1795827600000\n'],
          [0, 'The schema is up to date\n'],
        ]);
        expect(await query('SELECT account_id FROM calls')).toEqual([{ account_id: '7' }]);
        expect(await run('seed', 'text', ['--account', "o'neil", '--calls', '3'])).toEqual([
          0,
          "Added 3 calls to account o'neil\n",
        ]);
        expect(await run('migrate', 'integer')).toEqual([
          1,
          'ACCOUNT_TYPE is integer, but calls.account_id is text: use another database, or set ACCOUNT_TYPE=text\n',
        ]);
        await query(`UPDATE assistants SET account_id = '${UUID}'`);
        await query(`UPDATE calls SET account_id = '${UUID}'`);
        expect(await run('migrate', 'uuid')).toEqual([0, 'Applied UuidAccounts1795831200000\n']);
        expect(await run('migrate', 'text')).toEqual([
          1,
          'ACCOUNT_TYPE is text, but calls.account_id is uuid: use another database, or set ACCOUNT_TYPE=uuid\n',
        ]);
      },
      TIMEOUT_MS,
    );
  },
  ['PostgreSQL server'],
);
