import { describeEachDatabase, EVERY_DATABASE, type TestDatabase } from '@calls/testing';
import type { TypeOrmModule, TypeOrmModuleOptions } from '@nestjs/typeorm';
import { Column, type DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
import {
  Assistant,
  Call,
  type CallsExportModuleOptions,
  callsMigrations,
  type MappedEntity,
  portableEntities,
} from '../src';
import { emptyDatabase, ExportingHost } from './exporting-host';

/** The host's own calls. */
@Entity('rings')
class Ring {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  accountId!: number;

  @Column()
  text!: string;

  @Column({ type: Number, nullable: true })
  number!: number | null;

  @Column({ type: Date, nullable: true })
  time!: Date | null;
}

/** The host's own assistants. */
@Entity('agents')
class Agent {
  @PrimaryGeneratedColumn()
  id!: number;

  @Column()
  accountId!: number;

  @Column()
  name!: string;
}

const RINGS: NonNullable<CallsExportModuleOptions['calls']> = {
  entity: Ring,
  properties: {
    callSid: 'text',
    assistantId: 'number',
    customerPhoneNumber: 'text',
    status: 'text',
    duration: 'number',
    startedAt: 'time',
    endedAt: 'time',
  },
};
const AGENTS: MappedEntity<'id' | 'accountId' | 'name'> = { entity: Agent };

/** The host's own tables, with the names of the library's, its columns and additional ones. */
const OWN_TABLES = [
  `CREATE TABLE assistants (id int PRIMARY KEY, account_id int, name varchar(20), voice varchar(20))`,
  `CREATE TABLE calls (
     id int PRIMARY KEY, account_id int, call_sid varchar(34), assistant_id int, customer_phone_number varchar(20),
     status varchar(20), duration int, started_at timestamp NULL, ended_at timestamp NULL, note varchar(20))`,
  `CREATE INDEX own_index ON calls (account_id, note)`,
  `INSERT INTO assistants VALUES (1, 1, 'Bot', 'deep')`,
  `INSERT INTO calls VALUES (1, 1, 'CA1', 1, NULL, 'queued', NULL, NULL, NULL, 'the note')`,
];

type HostSettings = [
  settings?: TypeOrmModuleOptions,
  options?: CallsExportModuleOptions,
  features?: Parameters<typeof TypeOrmModule.forFeature>[0],
];

/** Starts hosts on a database. After each test it closes the host and empties the database. */
function hostsOn(database: TestDatabase) {
  let host: Awaited<ReturnType<typeof ExportingHost.withSettings>> | undefined;

  afterEach(async () => {
    await host?.close();
    host = undefined;
    await database.dataSource.dropDatabase();
  });

  return {
    /** @param statements to run before the start. */
    async start(
      statements: readonly string[],
      settings: TypeOrmModuleOptions = {},
      ...others: [
        options?: CallsExportModuleOptions,
        features?: Parameters<typeof TypeOrmModule.forFeature>[0],
      ]
    ) {
      const { dataSource } = database;
      for (const statement of statements) await dataSource.query(statement);
      // An in-memory SQLite database belongs to one DataSource.
      const content = dataSource.options.type === 'sqljs' && {
        database: dataSource.sqljsManager.exportDatabase(),
      };
      const all = { ...emptyDatabase(database.url), ...content, synchronize: true, ...settings };
      host = await ExportingHost.withSettings(all as TypeOrmModuleOptions, ...others);
      return host;
    },
    exported: async () => JSON.parse((await host?.export({ format: 'json' })) ?? ''),
  };
}

async function hasTable(dataSource: DataSource, name: string): Promise<boolean> {
  const runner = dataSource.createQueryRunner();
  return runner.hasTable(name).finally(() => runner.release());
}

async function addCall(dataSource: DataSource): Promise<void> {
  const { id } = await dataSource.getRepository(Assistant).save({ accountId: 1, name: 'Bot' });
  await dataSource
    .getRepository(Call)
    .insert({ accountId: 1, callSid: 'CA1', status: 'queued', assistantId: id });
}

const EXPORTED = [expect.objectContaining({ call_sid: 'CA1', assistant_name: 'Bot' })];

describeEachDatabase(
  'With autoLoadEntities and synchronize',
  emptyDatabase,
  (database) => {
    const { start, exported } = hostsOn(database);

    it('a host that maps only its calls keeps its table of assistants unchanged', async () => {
      const { dataSource } = await start(OWN_TABLES, {}, { calls: RINGS });
      await dataSource.getRepository(Ring).insert({ accountId: 1, text: 'CA1', number: 1 });
      expect(await exported()).toEqual(EXPORTED);
      expect(await dataSource.query('SELECT * FROM assistants')).toEqual([
        { id: 1, account_id: 1, name: 'Bot', voice: 'deep' },
      ]);
    });

    it('a host that maps only its calls gets no table of assistants', async () => {
      const { dataSource } = await start([], {}, { calls: RINGS });
      expect(await hasTable(dataSource, 'rings')).toBe(true);
      expect(await hasTable(dataSource, 'assistants')).toBe(false);
    });

    it('the tables of portableEntities store a call_sid of 255 characters, and the next start leaves them unchanged', async () => {
      const portable = portableEntities(database.dataSource.options.type);
      const { dataSource } = await start([], {}, portable);
      const callSid = 'a'.repeat(255);
      await dataSource.getRepository(Call).insert({ accountId: 1, callSid, status: 'queued' });
      expect(await exported()).toEqual([expect.objectContaining({ call_sid: callSid })]);
      const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
      expect(upQueries).toEqual([]);
    });

    it.each(['listed', 'passed'])(
      'a host gets the tables of portableEntities if they are %s',
      async (way) => {
        const portable = portableEntities(database.dataSource.options.type);
        const listed = [portable.calls.entity, portable.assistants.entity];
        const { dataSource } =
          way === 'listed' ? await start([], { entities: listed }) : await start([], {}, portable);
        await addCall(dataSource);
        expect(await exported()).toEqual(EXPORTED);
      },
    );
  },
  EVERY_DATABASE,
);

describeEachDatabase(
  'Without entities for the database, a host',
  emptyDatabase,
  (database) => {
    const { start } = hostsOn(database);

    it('does not start, and the error says which entities to use', async () => {
      const { type } = database.dataSource.options;
      await expect(start(OWN_TABLES)).rejects.toThrow(
        `CallsExportModule: the entity Call requires PostgreSQL: pass portableEntities('${type}') to the module`,
      );
    });
  },
  ['MariaDB server', 'SQLite'],
);

describeEachDatabase(
  'On PostgreSQL, with autoLoadEntities and synchronize,',
  emptyDatabase,
  (database) => {
    const { start, exported } = hostsOn(database);

    /** The columns and indexes of the tables `calls` and `assistants`. */
    const tables = () =>
      database.dataSource.query(`
      SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity
      FROM information_schema.columns WHERE table_name IN ('calls', 'assistants')
      UNION ALL SELECT tablename, indexname, indexdef, '', '', '' FROM pg_indexes
      WHERE tablename IN ('calls', 'assistants')
      ORDER BY 1, 2`);

    it.each<[title: string, options: CallsExportModuleOptions]>([
      ['nothing', {}],
      ['only calls', { calls: RINGS }],
      ['only assistants', { assistants: AGENTS }],
    ])('a host that maps %s keeps its tables unchanged', async (_title, options) => {
      for (const statement of OWN_TABLES) await database.dataSource.query(statement);
      const before = await tables();
      expect(before.length).toBeGreaterThan(10);
      await start([], {}, options);
      expect(await tables()).toEqual(before);
    });

    it('a host that maps nothing exports the calls in its tables', async () => {
      await start(OWN_TABLES);
      expect(await exported()).toEqual(EXPORTED);
    });

    it('the tables that callsMigrations created are kept unchanged, with a schema and a prefix', async () => {
      const settings = { schema: 'apart', entityPrefix: 'app_', migrationsRun: true };
      const { dataSource } = await start(['CREATE SCHEMA apart'], {
        ...settings,
        migrations: callsMigrations,
      });
      await dataSource.query(`INSERT INTO apart.app_assistants VALUES (1, 1, 'Bot')`);
      await dataSource.query(
        `INSERT INTO apart.app_calls (account_id, call_sid, assistant_id, status) VALUES (1, 'CA1', 1, 'queued')`,
      );
      expect(await exported()).toEqual(EXPORTED);
      expect(await hasTable(dataSource, 'assistants')).toBe(false);
      expect(await hasTable(dataSource, 'apart.app_assistants')).toBe(true);
      await database.dataSource.query('DROP SCHEMA apart CASCADE');
    });

    it.each<[title: string, ...host: HostSettings]>([
      ['lists them', { entities: [Call, Assistant] }],
      ['loads them', {}, {}, [Call, Assistant]],
      ['passes them', {}, { calls: { entity: Call }, assistants: { entity: Assistant } }],
      ['passes only Call, which is related to Assistant', {}, { calls: { entity: Call } }],
    ])('a host gets the tables of Call and Assistant if it %s', async (_title, ...settings) => {
      const { dataSource } = await start([], ...settings);
      await addCall(dataSource);
      expect(await exported()).toEqual(EXPORTED);
      const [call] = await dataSource.getRepository(Call).find({ relations: { assistant: true } });
      expect(call).toBeInstanceOf(Call);
      expect(call?.assistant?.name).toBe('Bot');
    });
  },
);
