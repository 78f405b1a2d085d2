// @slow
import type { DatabaseKind, TestDatabase } from '@calls/testing';
import {
  ChildEntity,
  Column,
  DeleteDateColumn,
  Entity,
  EntitySchema,
  ManyToOne,
  OneToMany,
  PrimaryColumn,
  type Relation,
  TableInheritance,
  ViewColumn,
  ViewEntity,
} from 'typeorm';
import { InvalidAfterError } from '../../src';
import { expectContinued } from './continued';
import { describeKinds } from './describe-kinds';
import {
  assistantsSchema,
  callsSchema,
  type DatabaseType,
  type HostEntities,
  hostEntities,
} from './entities';
import { expectFound, FindHost, type HostSetup } from './find-host';
import { unlessRefused } from './refused';

const START = new Date('2023-10-30T10:00:00.000Z');
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
/** What TypeORM can't make a table of. */
const QUOTES: Readonly<Record<DatabaseType, readonly string[]>> = {
  postgres: ['"'],
  mariadb: ['`', '?'],
  sqljs: ['"', '?'],
};

const call = (id: number, other: object = {}) => ({
  id,
  accountId: 7,
  callSid: `CA${id}`,
  assistantId: 1,
  status: 'busy',
  startedAt: new Date(START.getTime() + id * 1000),
  ...other,
});

/** Everything an export can be asked for of account 7, whose assistants are 1 and 2. */
async function expectAllFound(host: FindHost, calls: number): Promise<void> {
  expect(await expectFound(host, 7)).toHaveLength(calls);
  await expectFound(host, 8);
  for (const assistantId of [1, 2, 3]) await expectFound(host, 7, { assistantId });
  await expectFound(host, 7, { status: 'busy' });
  await expectFound(host, 7, { startedFrom: START, startedBefore: new Date('2023-10-31') });
  await expectFound(host, 7, { startedFrom: START, assistantId: 1, status: 'busy' });
}

async function addPlain(host: FindHost): Promise<void> {
  await host.add('assistants', { id: 1, accountId: 7, name: 'one' });
  await host.add('assistants', { id: 2, accountId: 7, name: 'two' });
  await host.add('assistants', { id: 3, accountId: 8, name: 'theirs' });
  await host.add('calls', call(1), call(2, { assistantId: 2 }), call(3, { assistantId: 3 }));
  await host.add('calls', call(4, { accountId: 8, assistantId: 3 }), call(5, { status: 'queued' }));
}

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'type' } })
class AnyCall {
  @PrimaryColumn('int') id!: number;
  @Column('int') accountId!: number;
  @Column('varchar') callSid!: string;
  @Column('int', { nullable: true }) assistantId!: number | null;
  @Column('varchar', { nullable: true }) customerPhoneNumber!: string | null;
  @Column('varchar', { nullable: true }) status!: string | null;
  @Column('int', { nullable: true }) duration!: number | null;
}

@ChildEntity()
class VoiceCall extends AnyCall {
  @Column({ type: Date, nullable: true }) startedAt!: Date | null;
  @Column({ type: Date, nullable: true }) endedAt!: Date | null;
}

@ChildEntity('video')
class VideoCall extends VoiceCall {}

@ChildEntity()
class TextMessage extends AnyCall {}

@Entity()
@TableInheritance({ column: { type: 'varchar', name: 'kind' } })
class Worker {
  @PrimaryColumn('int') id!: number;
  @Column('int') accountId!: number;
  @Column('varchar') name!: string;
}

@ChildEntity()
class Robot extends Worker {}

@ChildEntity()
class Human extends Worker {}

/** Tables whose columns need no quotes, for the views on them. */
const plainNames = (type: DatabaseType): HostEntities => {
  const named = {
    callSid: { name: 'sid' },
    assistantId: { name: 'assistant' },
    customerPhoneNumber: { name: 'phone' },
    endedAt: { name: 'ended_at' },
  };
  return hostEntities(type, named);
};

@ViewEntity({
  name: 'shown_call',
  expression: "SELECT * FROM host_call WHERE status <> 'hidden' OR status IS NULL",
})
class ShownCall {
  @ViewColumn() id!: number;
  @ViewColumn({ name: 'account_id' }) accountId!: number;
  @ViewColumn({ name: 'sid' }) callSid!: string;
  @ViewColumn({ name: 'assistant' }) assistantId!: number | null;
  @ViewColumn({ name: 'phone' }) customerPhoneNumber!: string | null;
  @ViewColumn() status!: string | null;
  @ViewColumn() duration!: number | null;
  @ViewColumn({ name: 'started_at' }) startedAt!: Date | null;
  @ViewColumn({ name: 'ended_at' }) endedAt!: Date | null;
}

@ViewEntity({
  name: 'shown_assistant',
  expression: 'SELECT * FROM host_assistant UNION ALL SELECT * FROM host_assistant WHERE id = 1',
})
class ShownAssistant {
  @ViewColumn() id!: number;
  @ViewColumn({ name: 'account_id' }) accountId!: number;
  @ViewColumn() name!: string;
}

class Sid {
  @Column({ name: 'value', type: 'varchar' }) text!: string;
}

class Span {
  @Column({ type: Date, nullable: true }) start!: Date | null;
  @Column({ type: Date, nullable: true }) end!: Date | null;
  @Column('int', { nullable: true }) seconds!: number | null;
}

class Details {
  @Column(() => Span) span!: Span;
  @Column(() => Sid, { prefix: false }) sid!: Sid;
}

@Entity()
class Team {
  @PrimaryColumn('int') number!: number;
  @OneToMany(() => Agent, (agent) => agent.team) agents?: Relation<Agent[]>;
}

@Entity()
class Agent {
  @PrimaryColumn('int') agentNumber!: number;
  @ManyToOne(() => Team, (team) => team.agents) team!: Relation<Team> | number;
  @Column('varchar', { name: 'full name' }) fullName!: string;
  @DeleteDateColumn() leftAt!: Date | null;
}

@Entity()
class Conversation {
  @PrimaryColumn('int', { name: 'nr' }) number!: number;
  @ManyToOne(() => Team) team!: Relation<Team> | number;
  @ManyToOne(() => Agent, { nullable: true }) agent!: Relation<Agent> | number | null;
  @Column('varchar', { nullable: true }) phone!: string | null;
  @Column('varchar', { nullable: true }) outcome!: string | null;
  @Column(() => Details) details!: Details;
  @DeleteDateColumn() deletedAt!: Date | null;
}

describeKinds('Entities', (database, type) => {
  it.each([
    ['by a property', { startedAt: 'DESC' as const }],
    ['by two', { status: 'ASC' as const, id: 'DESC' as const }],
    ['by one with empty values first', { duration: 'DESC' as const }],
  ])('that are ordered %s are exported whole, in pages', async (_, orderBy) => {
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

  it('that share a table are exported as those of their kind alone', async () => {
    const host = await FindHost.start(database, {
      entities: { calls: { entity: VoiceCall }, assistants: { entity: Robot } },
      otherEntities: [AnyCall, VideoCall, TextMessage, Worker, Human],
    });
    const { dataSource } = host;
    const save = (target: new () => object, ...rows: object[]) =>
      dataSource.getRepository(target).insert(rows);
    await save(Robot, { id: 1, accountId: 7, name: 'robot' });
    await save(Human, { id: 2, accountId: 7, name: 'human' });
    await save(Robot, { id: 3, accountId: 8, name: 'their robot' });
    await save(VoiceCall, call(1), call(2, { assistantId: 2 }), call(3, { assistantId: 3 }));
    await save(VideoCall, call(4));
    const message: { startedAt?: unknown } = call(5);
    delete message.startedAt;
    await save(TextMessage, message);
    await expectAllFound(host, 4);
    expect(await expectFound(host, 7, { assistantId: 2 })).toEqual([]);
    expect(JSON.stringify(await host.export(7))).not.toContain('human');
  });

  it.each(['the parent', 'a child of the child'])('that share a table may be %s', async (which) => {
    const entity = which === 'the parent' ? Worker : Human;
    const host = await FindHost.start(database, {
      entities: { calls: { entity: VideoCall }, assistants: { entity } },
      otherEntities: [AnyCall, VoiceCall, TextMessage, Worker, Robot, Human].filter(
        (each) => each !== entity,
      ),
    });
    const repository = (target: new () => object) => host.dataSource.getRepository(target);
    await repository(Robot).insert({ id: 1, accountId: 7, name: 'robot' });
    await repository(Human).insert({ id: 2, accountId: 7, name: 'human' });
    await repository(VoiceCall).insert(call(1));
    await repository(VideoCall).insert([call(2), call(3, { assistantId: 2 })]);
    await expectAllFound(host, 2);
  });

  it('that are views, whose columns have no types, are exported as they are found', async () => {
    const tables = plainNames(type);
    const host = await FindHost.connect(database, {
      entities: tables,
      otherEntities: [ShownCall, ShownAssistant],
    });
    await addPlain(host);
    await host.add('calls', call(6, { status: 'hidden' }), call(7, { status: null }));
    const viewing = host.withEntities({
      calls: { entity: ShownCall },
      assistants: { entity: ShownAssistant },
    });
    // Of SQLite, find() gives times that are texts without a zone.
    if (type === 'sqljs') {
      await unlessRefused(viewing, 'startedAt', () => expectAllFound(viewing, 5));
    } else {
      await viewing.startApps();
      await expectAllFound(viewing, 5);
      expect(await expectContinued(viewing.services, 7)).toHaveLength(5);
      for (const service of viewing.services) {
        for (const after of ['x', '1a', '01', '9'.repeat(30)]) {
          await expect(service.export(7, { after })).rejects.toThrow(InvalidAfterError);
        }
      }
    }
    await host.dataSource.query('DROP VIEW shown_call');
    await host.dataSource.query('DROP VIEW shown_assistant');
  });

  it('of which an assistant is there twice double no call', async () => {
    const tables = hostEntities(type);
    const twice = new EntitySchema<object>({
      name: 'TwiceAssistant',
      tableName: 'twice_assistant',
      synchronize: false,
      columns: {
        id: { type: 'int', primary: true },
        accountId: { type: 'int', name: 'account_id' },
        name: { type: 'varchar' },
      } as never,
    });
    const host = await FindHost.connect(database, { entities: tables, otherEntities: [twice] });
    await addPlain(host);
    await host.dataSource.query('DROP VIEW IF EXISTS twice_assistant');
    await host.dataSource.query(
      'CREATE VIEW twice_assistant AS SELECT * FROM host_assistant UNION ALL SELECT * FROM host_assistant',
    );
    const viewing = host.withEntities({ ...tables, assistants: { entity: twice } });
    await viewing.startApps();
    await expectAllFound(viewing, 4);
    await host.dataSource.query('DROP VIEW twice_assistant');
  });

  it('with relations, embedded objects and deleted rows are exported as they are found', async () => {
    const entities: HostEntities = {
      calls: {
        entity: Conversation,
        properties: {
          id: 'number',
          accountId: 'team',
          assistantId: 'agent',
          callSid: 'details.sid.text',
          customerPhoneNumber: 'phone',
          status: 'outcome',
          duration: 'details.span.seconds',
          startedAt: 'details.span.start',
          endedAt: 'details.span.end',
        },
      },
      assistants: {
        entity: Agent,
        properties: { id: 'agentNumber', accountId: 'team', name: 'fullName' },
      },
    };
    const host = await FindHost.start(database, { entities, otherEntities: [Team] });
    const insert = (target: new () => object, ...rows: object[]) =>
      host.dataSource.getRepository(target).insert(rows);
    await insert(Team, { number: 7 }, { number: 8 });
    const agent = { team: { number: 7 }, fullName: 'O"Neil' };
    await insert(
      Agent,
      { ...agent, agentNumber: 1 },
      { ...agent, agentNumber: 2, leftAt: START },
      { ...agent, agentNumber: 3, team: { number: 8 } },
    );
    const conversation = (number: number, agentNumber: number | null, other: object = {}) => ({
      number,
      team: { number: 7 },
      agent: agentNumber && { agentNumber },
      outcome: 'busy',
      details: {
        sid: { text: `CA${number}` },
        span: { start: new Date(START.getTime() + number * 1000), seconds: number },
      },
      ...other,
    });
    await insert(
      Conversation,
      conversation(1, 1),
      conversation(2, 2),
      conversation(3, 3),
      conversation(4, null),
      conversation(5, 1, { deletedAt: START }),
      conversation(6, 1, { team: { number: 8 } }),
    );
    await expectAllFound(host, 4);
  });

  it.each(['$1', ':status', 'select'])(
    'whose columns have odd names, in the table %s, are exported as they are found',
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

/** Tests of what only PostgreSQL has. */
describeKinds(
  'Entities of PostgreSQL',
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

describeKinds('A host that caches all queries', (database, type) => {
  const cached = (setup: Omit<HostSetup, 'entities'> = {}): HostSetup => ({
    entities: hostEntities(type),
    dataSource: { cache: { alwaysEnabled: true, duration: 600_000 } },
    ...setup,
  });

  it('exports the rows of now, and caches no page', async () => {
    const host = await startCaching(database, type);
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

  async function startCaching(at: TestDatabase, _: DatabaseType): Promise<FindHost> {
    const host = await FindHost.start(at, cached());
    await host.dataSource.queryResultCache?.clear();
    return host;
  }
});
