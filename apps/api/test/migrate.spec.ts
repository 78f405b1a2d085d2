// @needs PostgreSQL server
import { tmpdir } from 'node:os';
import { describeEachDatabase, TIMEOUT_MS, until } from '@calls/testing';
import { Client } from 'pg';
import { dataSourceOptions } from '../src/data-source-options';
import { Program } from './program';

const APPLIED = 'Applied CreateCalls1700000000000, WidenCallSid1795824000000\n';
const UP_TO_DATE = 'The schema is up to date\n';

afterAll(() => Program.killAll());

describeEachDatabase(
  'The command migrate',
  dataSourceOptions,
  (database) => {
    beforeEach(() => database.dataSource.dropDatabase());

    const migrate = (url = database.url) => new Program('migrate', { DATABASE_URL: url }, tmpdir());

    /** The exit codes and outputs of the programs. */
    const outcomesOf = async (programs: Program[]) => {
      const codes = await Promise.all(programs.map((program) => program.exitCode()));
      return programs.map(({ output }, index) => [codes[index], output]).sort();
    };

    /** Creates a role with these settings for `work`. */
    async function withRole(settings: string[], work: (url: string) => Promise<void>) {
      const { dataSource } = database;
      const role = new URL(database.url).pathname.slice(1);
      await dataSource.query(`CREATE ROLE ${role} LOGIN SUPERUSER`);
      for (const setting of settings) await dataSource.query(`ALTER ROLE ${role} SET ${setting}`);
      const url = new URL(database.url);
      url.username = role;
      try {
        await work(url.href);
      } finally {
        await dataSource.query(`REASSIGN OWNED BY ${role} TO CURRENT_USER`);
        await dataSource.query(`DROP ROLE ${role}`);
      }
    }

    /** Blocks the first command in the middle of its migration until `work` is done. */
    async function whileBlocked<T>(first: Program, work: () => Promise<T>): Promise<T> {
      const holder = new Client(database.url);
      await holder.connect();
      try {
        // The migration waits for this transaction, because it creates a table of the same name.
        await holder.query('BEGIN; CREATE TABLE assistants ()');
        await untilWaiting(1);
        return await work();
      } finally {
        await holder.end();
        await first.exitCode();
      }
    }

    const waiting = async () => {
      const [{ count }] = await database.dataSource.query(
        `SELECT count(*)::int FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return count;
    };
    const untilWaiting = async (count: number) => {
      await until(async () => (await waiting()) >= count, TIMEOUT_MS);
    };

    it(
      'can run several times at once: one applies the migrations, the others find them applied',
      async () => {
        const programs = [migrate()];
        await whileBlocked(programs[0] as Program, async () => {
          programs.push(migrate(), migrate());
          await untilWaiting(3);
        });
        expect(await outcomesOf(programs)).toEqual([
          [0, APPLIED],
          [0, UP_TO_DATE],
          [0, UP_TO_DATE],
        ]);
      },
      TIMEOUT_MS,
    );

    it(
      'waits for another one despite idle_in_transaction_session_timeout',
      () =>
        withRole(["idle_in_transaction_session_timeout = '300ms'"], async (url) => {
          const programs = [migrate(url)];
          await whileBlocked(programs[0] as Program, async () => {
            programs.push(migrate(url));
            await untilWaiting(2);
            // Longer than that timeout.
            await database.dataSource.query('SELECT pg_sleep(1)');
            expect([await waiting(), ...programs.map(({ output }) => output)]).toEqual([2, '', '']);
          });
          expect(await outcomesOf(programs)).toEqual([
            [0, APPLIED],
            [0, UP_TO_DATE],
          ]);
        }),
      TIMEOUT_MS,
    );

    it.each(['statement_timeout', 'lock_timeout'])(
      'says that another one is running if %s ends the wait',
      (setting) =>
        withRole([`${setting} = '300ms'`], async (url) => {
          const first = migrate();
          await whileBlocked(first, async () =>
            expect(await outcomesOf([migrate(url)])).toEqual([
              [
                1,
                'Another process is still migrating the database at DATABASE_URL: try again when it finishes\n',
              ],
            ]),
          );
          expect(first.output).toBe(APPLIED);
        }),
      TIMEOUT_MS,
    );
  },
  ['PostgreSQL server'],
);
