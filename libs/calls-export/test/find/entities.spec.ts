// @slow
import type { DatabaseKind } from '@calls/testing';
import { describeKinds } from './describe-kinds';
import { assistantsSchema, callsSchema, type DatabaseType, hostEntities } from './entities';
import { FindHost } from './find-host';
import { addPlain, call, expectAllFound } from './plain-calls';

const POSTGRES: DatabaseKind[] = ['embedded PostgreSQL', 'PostgreSQL server'];

const ODD_NAMES = [
  '$1',
  ':status',
  '"quoted"',
  'a blank',
  'UPPER',
  'back`tick',
  'é',
  '?',
  'select',
] as const;
/** Characters that TypeORM does not escape in names. */
const QUOTES: Readonly<Record<DatabaseType, readonly string[]>> = {
  postgres: ['"'],
  mariadb: ['`', '?'],
  sqljs: ['"', '?'],
};

describeKinds('Entities', (database, type) => {
  it.each([
    ['by a property', { startedAt: 'DESC' as const }],
    ['by two properties', { status: 'ASC' as const, id: 'DESC' as const }],
    ['by a property with nulls first', { duration: 'DESC' as const }],
  ])('that are ordered %s are exported completely, in pages', async (_, orderBy) => {
    const host = await FindHost.start(database, {
      entities: {
        calls: { entity: callsSchema(type, {}, { orderBy }) },
        assistants: { entity: assistantsSchema(type, {}, { orderBy: { name: 'DESC' } }) },
      },
      module: { pageSize: 2 },
    });
    await addPlain(host);
    await expectAllFound(host, 4);
    expect((await host.export(7)).map(({ id }) => id)).toEqual(['1', '2', '3', '5']);
  });

  it.each(['$1', ':status', 'select'])(
    'whose column names need quotes, in the table %s, are exported as find() returns them',
    async (table) => {
      const names = ODD_NAMES.filter((name) => !QUOTES[type].some((quote) => name.includes(quote)));
      const fields = [
        'id',
        'accountId',
        'assistantId',
        'status',
        'startedAt',
        'callSid',
        'duration',
      ];
      const renamed = (fields: readonly string[]) =>
        Object.fromEntries(fields.map((field, i) => [field, { name: names[i % names.length] }]));
      const host = await FindHost.start(database, {
        entities: {
          calls: { entity: callsSchema(type, renamed(fields), { tableName: table }) },
          assistants: {
            entity: assistantsSchema(type, renamed(['name', 'accountId', 'id']), {
              tableName: `${table} and $2`,
            }),
          },
        },
      });
      await addPlain(host);
      await expectAllFound(host, 4);
    },
  );
});

describeKinds(
  'Entities on PostgreSQL',
  (database, type) => {
    it.each(['other', 'Upper Case', '$1'])('in the schema %s are exported', async (schema) => {
      await database.dataSource.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`);
      const host = await FindHost.start(database, {
        entities: {
          calls: { entity: callsSchema(type, {}, { schema }) },
          assistants: { entity: assistantsSchema(type, {}, { schema }) },
        },
      });
      await addPlain(host);
      await expectAllFound(host, 4);
    });

    it('in partitions are exported', async () => {
      const entities = hostEntities(type);
      const host = await FindHost.connect(database, { entities });
      await addPartitions(host);
      await host.startApps();
      await addPlain(host);
      await expectAllFound(host, 4);
    });

    async function addPartitions(host: FindHost): Promise<void> {
      for (const sql of [
        'ALTER TABLE host_call RENAME TO host_call_plain',
        'CREATE TABLE host_call (LIKE host_call_plain) PARTITION BY LIST (status)',
        "CREATE TABLE host_call_busy PARTITION OF host_call FOR VALUES IN ('busy')",
        'CREATE TABLE host_call_rest PARTITION OF host_call DEFAULT PARTITION BY RANGE (id)',
        'CREATE TABLE host_call_low PARTITION OF host_call_rest FOR VALUES FROM (MINVALUE) TO (5)',
        'CREATE TABLE host_call_high PARTITION OF host_call_rest FOR VALUES FROM (5) TO (MAXVALUE)',
        'DROP TABLE host_call_plain',
      ]) {
        await host.dataSource.query(sql);
      }
    }
  },
  POSTGRES,
);

describeKinds('A host app that caches all queries', (database, type) => {
  it('exports the current rows, and caches no page', async () => {
    const host = await FindHost.start(database, {
      entities: hostEntities(type),
      dataSource: { cache: { alwaysEnabled: true, duration: 600_000 } },
    });
    await host.dataSource.queryResultCache?.clear();
    const ids = async () => (await host.export(7)).map(({ id }) => id);
    await host.add('assistants', { id: 1, accountId: 7, name: 'before' });
    await host.add('calls', call(1));
    expect(await ids()).toEqual(['1']);
    expect(await host.count(7)).toBe(1);
    await host.add('calls', call(2));
    await host.dataSource.query("UPDATE host_assistant SET name = 'after'");
    expect(await ids()).toEqual(['1', '2']);
    expect((await host.export(7)).map((each) => each['assistant_name'])).toEqual([
      'after',
      'after',
    ]);
    expect(await host.count(7)).toBe(2);
    const { driver } = host.dataSource;
    const [{ pages }] = await host.dataSource.query(
      `SELECT COUNT(*) AS pages FROM ${driver.escape('query-result-cache')}`,
    );
    expect(Number(pages)).toBe(0);
  });
});
