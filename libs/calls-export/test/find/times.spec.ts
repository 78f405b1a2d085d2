// @needs PostgreSQL server
import { describeKinds } from './describe-kinds';
import { hostEntities } from './entities';
import { expectFound, FindHost, isAccount } from './find-host';
import { outcomesOf } from './outcomes';
import { NIGHTS, WALL_TIMES } from './time-cases';

/** Settings with which PostgreSQL writes times in a format that `pg` cannot parse. */
const STYLES = ['SQL, DMY', 'German', 'Postgres, MDY'];

describeKinds(
  'A database',
  (database) => {
    const columns = (type: 'timestamp' | 'timestamptz') =>
      hostEntities('postgres', { startedAt: { type }, endedAt: { type } });

    async function withSettings(settings: Record<string, string>, use: () => Promise<void>) {
      const [{ name }] = await database.dataSource.query('SELECT current_database() AS name');
      const alter = (what: string) => database.dataSource.query(`ALTER DATABASE ${name} ${what}`);
      for (const [setting, value] of Object.entries(settings)) {
        await alter(`SET ${setting} TO '${value}'`);
      }
      try {
        await use();
      } finally {
        await alter('RESET ALL');
      }
    }

    it.each(
      STYLES.flatMap((datestyle) =>
        (['timestamp', 'timestamptz'] as const).map((type) => [datestyle, type] as const),
      ),
    )(
      'with the DateStyle %s, which find() cannot parse, exports times of type %s',
      async (datestyle, type) => {
        const entities = columns(type);
        const iso = await FindHost.connect(database, { entities });
        await iso.add(
          'calls',
          ...WALL_TIMES.map((time, index) => ({
            id: index + 1,
            accountId: 7,
            callSid: 'CA',
            startedAt: time,
            endedAt: time,
          })),
        );
        const found = await iso.find(isAccount(7));
        const between = { startedFrom: NIGHTS[3], startedBefore: NIGHTS[16] };
        const foundBetween = await iso.find(isAccount(7), between);
        expect(found).toHaveLength(WALL_TIMES.length);
        expect(foundBetween.length).toBeGreaterThan(0);
        const settings = { datestyle, timezone: 'Asia/Kolkata', intervalstyle: 'sql_standard' };
        await withSettings(settings, async () => {
          // No DDL, which keeps the tables and their rows.
          const host = await FindHost.start(database, { entities, ddl: [] });
          for (const outcome of await outcomesOf(host, 7)) {
            if (outcome instanceof Error) throw outcome;
            expect(times(outcome)).toEqual(times(found));
          }
          for (const outcome of await outcomesOf(host, 7, between)) {
            if (outcome instanceof Error) throw outcome;
            expect(outcome).toHaveLength(foundBetween.length);
          }
        });
      },
    );

    const times = (calls: readonly object[]) =>
      calls
        .map((call) => {
          const { started_at, ended_at } = call as Record<string, unknown>;
          return `${started_at} ${ended_at}`;
        })
        .sort();

    it.each(['Asia/Kolkata', 'America/New_York', 'UTC'])(
      'with the time zone %s exports what find() returns',
      async (timezone) =>
        withSettings({ timezone, datestyle: 'ISO, DMY' }, async () => {
          const host = await FindHost.start(database, { entities: columns('timestamptz') });
          const calls = WALL_TIMES.map((time, index) => ({
            id: index + 1,
            accountId: 7,
            callSid: `CA${index}`,
            startedAt: time,
            endedAt: time,
          }));
          await host.add('calls', ...calls);
          expect(await expectFound(host, 7)).toHaveLength(WALL_TIMES.length);
          for (const startedFrom of NIGHTS) await expectFound(host, 7, { startedFrom });
        }),
    );
  },
  ['PostgreSQL server'],
);
