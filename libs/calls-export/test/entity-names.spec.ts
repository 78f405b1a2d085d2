import { describeEachDatabase, EVERY_DATABASE } from '@calls/testing';
import type { TypeOrmModule, TypeOrmModuleOptions } from '@nestjs/typeorm';
import { Column, type DataSource, Entity, EntitySchema, PrimaryGeneratedColumn } from 'typeorm';
import * as library from '../src';
import { type CallsExportModuleOptions, entitiesOnTables, portableEntities } from '../src';
import { emptyDatabase, ExportingHost } from './exporting-host';

// Entities of the host that share their names with the library's.
@Entity('people')
class Assistant {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  surname!: string;
}

@Entity('port_calls')
class Call {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  ship!: string;

  @Column()
  dock!: number;

  @Column({ type: Date })
  at!: Date;
}

const PORT_CALLS: NonNullable<CallsExportModuleOptions['calls']> = {
  entity: Call,
  properties: {
    accountId: 'dock',
    callSid: 'ship',
    assistantId: 'dock',
    customerPhoneNumber: 'ship',
    status: 'ship',
    duration: 'dock',
    startedAt: 'at',
    endedAt: 'at',
  },
};

const Ship = new EntitySchema<{ id: number; assistant: string }>({
  name: 'Assistant',
  tableName: 'ships',
  columns: {
    id: { type: Number, primary: true, generated: true },
    assistant: { type: String },
  },
});

const GROUPS = {
  'that are classes': [Assistant, Call],
  'that include an EntitySchema': [Ship, Call],
};

async function addCall(dataSource: DataSource): Promise<void> {
  const assistants = dataSource.getRepository(library.Assistant);
  const { id } = await assistants.save({ accountId: 1, name: 'Bot' });
  await dataSource
    .getRepository(library.Call)
    .insert({ accountId: 1, callSid: 'CA1', status: 'queued', assistantId: id });
}

describeEachDatabase(
  "The host's own entities with the names of the library's",
  emptyDatabase,
  (database) => {
    let host: Awaited<ReturnType<typeof ExportingHost.withSettings>> | undefined;

    async function start(
      settings: { entities?: unknown[]; autoLoadEntities?: boolean },
      ...others: [
        options?: CallsExportModuleOptions,
        features?: Parameters<typeof TypeOrmModule.forFeature>[0],
      ]
    ) {
      const all = { ...emptyDatabase(database.url), synchronize: true, ...settings };
      host = await ExportingHost.withSettings(all as TypeOrmModuleOptions, ...others);
      return host;
    }

    afterEach(async () => {
      await host?.close();
      host = undefined;
      await database.dataSource.dropDatabase();
    });

    const portable = () => portableEntities(database.dataSource.options.type);
    const schemas = () => [portable().calls.entity, portable().assistants.entity];
    const exported = async () => JSON.parse((await host?.export({ format: 'json' })) ?? '');
    const theCall = [expect.objectContaining({ call_sid: 'CA1', assistant_name: 'Bot' })];

    describe.each(Object.entries(GROUPS))('%s', (_title, own) => {
      it('can be listed together with portableEntities', async () => {
        const listed = { autoLoadEntities: false, entities: [...own, ...schemas()] };
        const { dataSource } = await start(listed, portable());
        await addCall(dataSource);
        expect(await exported()).toEqual(theCall);
      });

      it('can be auto-loaded together with portableEntities', async () => {
        const { dataSource } = await start({}, portable(), own);
        await addCall(dataSource);
        expect(await exported()).toEqual(theCall);
      });

      it('can be auto-loaded if portableEntities are listed but not passed to the module', async () => {
        const { dataSource } = await start({ entities: schemas() }, {}, own);
        await addCall(dataSource);
        expect(await exported()).toEqual(theCall);
      });

      it("are not mistaken for the library's", async () => {
        const listed = { autoLoadEntities: false, entities: own };
        for (const options of [{}, portable()]) {
          await expect(start(listed, options)).rejects.toThrow(
            'CallsExportModule: the DataSource has no entity Call: add it to its entities, or set autoLoadEntities',
          );
        }
      });
    });

    it('can be used together with the entities that the library loads itself', async () => {
      const { dataSource } = await start({}, { calls: PORT_CALLS }, [Ship]);
      await dataSource.getRepository(Ship).insert({ assistant: 'Starbuck' });
      expect(await dataSource.query('SELECT assistant FROM ships')).toEqual([
        { assistant: 'Starbuck' },
      ]);
    });

    it("are exported if they are passed to the module, even if the library's are there too", async () => {
      const { dataSource } = await start(
        { entities: schemas() },
        {
          calls: PORT_CALLS,
          assistants: { entity: Assistant, properties: { accountId: 'id', name: 'surname' } },
        },
      );
      await dataSource.getRepository(Assistant).insert({ surname: 'Ahab' });
      await dataSource.getRepository(Call).insert({ ship: 'Pequod', dock: 1, at: new Date(0) });
      await addCall(dataSource);
      expect(await exported()).toMatchObject([
        { call_sid: 'Pequod', assistant_name: 'Ahab', started_at: '1970-01-01T00:00:00' },
      ]);
    });
  },
  EVERY_DATABASE,
);

describeEachDatabase('entitiesOnTables', emptyDatabase, (database) => {
  it('maps tables of the same name, in different schemas and with different columns', async () => {
    for (const [schema, account, sid] of [
      ['east', 'tenant', 'CAeast'],
      ['west', 'customer', 'CAwest'],
    ]) {
      for (const statement of [
        `CREATE SCHEMA ${schema}`,
        `CREATE TABLE ${schema}.assistants (id int PRIMARY KEY, ${account} int, name text)`,
        `CREATE TABLE ${schema}.calls (
           id int PRIMARY KEY, ${account} int, note text, call_sid text, assistant_id int, customer_phone_number text,
           status text, duration int, started_at timestamptz, ended_at timestamptz)`,
        `INSERT INTO ${schema}.assistants VALUES (1, 1, '${schema}')`,
        `INSERT INTO ${schema}.calls VALUES (1, 1, 'the note', '${sid}', 1)`,
      ]) {
        await database.dataSource.query(statement);
      }
    }
    const inSchema = (schema: string, accountId: string, sid = 'call_sid') =>
      entitiesOnTables({
        calls: { table: 'calls', schema, columns: { accountId, callSid: sid } },
        assistants: { table: 'assistants', schema, columns: { accountId } },
      });
    const [east, west, notes] = [
      inSchema('east', 'tenant'),
      inSchema('west', 'customer'),
      inSchema('west', 'customer', 'note'),
    ];
    const entities = [east, west, notes].flatMap(({ calls, assistants }) => [
      calls.entity,
      assistants.entity,
    ]);
    const settings = { ...emptyDatabase(database.url), entities, autoLoadEntities: false };
    const seen: unknown[] = [];
    for (const options of [east, west, notes]) {
      const host = await ExportingHost.withSettings(settings as TypeOrmModuleOptions, options);
      const [call] = JSON.parse(await host.export({ format: 'json' }));
      seen.push([call.call_sid, call.assistant_name]);
      await host.close();
    }
    expect(seen).toEqual([
      ['CAeast', 'east'],
      ['CAwest', 'west'],
      ['the note', 'west'],
    ]);
  });
});
