import { randomBytes } from 'node:crypto';
import {
  Column,
  DataSource,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
  ViewColumn,
  ViewEntity,
} from 'typeorm';
import type { CallsExportColumn, CallsExportModuleOptions } from '../../src';
import { AS_BIGINT } from './column-choices';
import { describeKinds } from './describe-kinds';
import { hostEntities, type HostEntities } from './entities';
import { expectFound, FindHost } from './find-host';

class Money {
  @Column('decimal', { precision: 20, scale: 4, nullable: true }) amount!: string | null;
  @Column('varchar', { nullable: true, name: 'money_currency' }) currency!: string | null;
}
class Billing {
  @Column(() => Money) total!: Money;
  @Column('boolean', { nullable: true }) paid!: boolean | null;
}

@Entity()
class Campaign {
  @PrimaryColumn('bigint', { transformer: AS_BIGINT }) number!: bigint;
}

@Entity()
class RelatedAssistant {
  @PrimaryColumn('int') id!: number;
  @Column('int') accountId!: number;
  @Column('varchar') name!: string;
  @Column(() => Billing) billing!: Billing;
  @ManyToOne(() => Campaign) campaign!: Relation<Campaign> | null;
}

@Entity()
class RelatedCall {
  @PrimaryColumn('int') id!: number;
  @Column('int') accountId!: number;
  @Column('varchar') callSid!: string;
  @Column('int', { nullable: true }) assistantId!: number | null;
  @Column('varchar', { nullable: true }) status!: string | null;
  @Column({ type: Date, nullable: true }) startedAt!: Date | null;
  @Column(() => Billing) billing!: Billing;
  @ManyToOne(() => Campaign)
  @JoinColumn({ name: 'campaign_of_call' })
  campaign!: Relation<Campaign> | null;
  @ManyToOne(() => RelatedAssistant) referrer!: Relation<RelatedAssistant> | null;
  @Column('varchar', { nullable: true }) secret!: string | null;
}

@ViewEntity({ expression: 'SELECT * FROM host_call', name: 'flag_call', synchronize: false })
class FlagCall {
  @ViewColumn() id!: number;
  @ViewColumn({ name: 'account_id' }) accountId!: number;
  @ViewColumn() callSid!: string;
  @ViewColumn() status!: string;
  @ViewColumn({ name: 'started_at' }) startedAt!: Date;
  @ViewColumn() flag!: unknown;
  @ViewColumn() words!: unknown;
  @ViewColumn() price!: unknown;
}

const OWN: readonly CallsExportColumn[] = (['call', 'assistant'] as const).flatMap((of) => [
  { key: `${of}_amount`, property: 'billing.total.amount', kind: 'decimal' as const, of },
  { key: `${of}_currency`, property: 'billing.total.currency', kind: 'text' as const, of },
  { key: `${of}_paid`, property: 'billing.paid', kind: 'boolean' as const, of },
  { key: `${of}_campaign`, property: 'campaign', kind: 'integer' as const, of },
  {
    key: `${of}_campaign_text`,
    property: 'campaign',
    kind: 'text' as const,
    of,
    mask: (id: unknown) => `#${id}`,
  },
]);
const ENTITIES: HostEntities = {
  calls: { entity: RelatedCall },
  assistants: { entity: RelatedAssistant },
  columns: [
    'id',
    'call_sid',
    'status',
    'started_at',
    ...OWN,
    { key: 'referrer', property: 'referrer', kind: 'integer' },
  ],
  views: { few: ['id', OWN[0] as CallsExportColumn], names: ['call_sid', 'assistant_name'] },
};

async function addRelated({ dataSource }: FindHost): Promise<void> {
  const insert = (target: new () => object, ...rows: object[]) =>
    dataSource.getRepository(target).insert(rows);
  // SQLite's driver rounds larger integers.
  const large = dataSource.options.type === 'sqljs' ? 2n ** 50n : 2n ** 60n + 1n;
  const billing = { total: { amount: '-1234567.5000', currency: 'É€' }, paid: false };
  const unpaid = { total: { amount: null, currency: null }, paid: null };
  await insert(Campaign, { number: 1n }, { number: large });
  await insert(
    RelatedAssistant,
    { id: 1, accountId: 7, name: 'Bot', billing, campaign: { number: large } },
    { id: 2, accountId: 7, name: 'Bit', billing: unpaid, campaign: null },
  );
  const call = { accountId: 7, callSid: 'CA', status: 'busy', startedAt: null, secret: 'hidden' };
  await insert(
    RelatedCall,
    { ...call, id: 1, assistantId: 1, billing, campaign: { number: 1n }, referrer: { id: 2 } },
    {
      ...call,
      id: 2,
      assistantId: 2,
      billing: { ...billing, paid: true },
      campaign: { number: large },
      referrer: null,
    },
    { ...call, id: 3, assistantId: null, billing: unpaid, campaign: null, referrer: { id: 1 } },
  );
}

describeKinds('Columns', (database, type, kind) => {
  const start = (setup: Partial<Parameters<typeof FindHost.connect>[1]> = {}) =>
    FindHost.connect(database, {
      entities: ENTITIES,
      otherEntities: [Campaign],
      formats: ['json', 'ndjson', 'csv', 'xlsx'],
      ...setup,
    });

  it('of embedded objects and relations are exported as find() returns them', async () => {
    const host = await start();
    await addRelated(host);
    await host.startApps({ pageSize: 2 });
    expect(await expectFound(host, 7)).toHaveLength(3);
    for (const view of ['few', 'names'])
      expect(await expectFound(host, 7, { view })).toHaveLength(3);
    await expectFound(host, 7, { assistantId: 1, view: 'few' });
  });

  it('of a database view, which have no types, are exported by the kinds of their columns', async () => {
    const bit = type === 'mariadb' ? { type: 'bit' as const } : { type: 'boolean' as const };
    const bits =
      type === 'mariadb'
        ? [Buffer.from([1]), Buffer.from([0])]
        : type === 'sqljs'
          ? [1, 0]
          : [true, false];
    const tables = hostEntities(type, {
      flag: { ...bit, nullable: true },
      words: { type: 'varchar', nullable: true },
      price: { type: 'decimal', precision: 10, scale: 2, nullable: true },
    });
    const host = await start({ entities: tables, otherEntities: [FlagCall] });
    const call = { accountId: 7, callSid: 'CA' };
    await host.add(
      'calls',
      { ...call, id: 1, flag: bits[0], words: 'true', price: '1.50' },
      { ...call, id: 2, flag: bits[1], words: 'false', price: '-0.05' },
      { ...call, id: 3, flag: null, words: null, price: null },
    );
    await host.dataSource.query('DROP VIEW IF EXISTS flag_call');
    await host.dataSource.query('CREATE VIEW flag_call AS SELECT * FROM host_call');
    const viewing = host.withEntities({
      calls: { entity: FlagCall },
      assistants: tables.assistants,
      columns: [
        'id',
        { key: 'flag', property: 'flag', kind: 'boolean' },
        { key: 'words', property: 'words', kind: 'boolean' },
        { key: 'price', property: 'price', kind: 'decimal' },
      ],
    });
    await viewing.startApps({ assistants: false } as CallsExportModuleOptions);
    const cells = await viewing.export(7);
    expect(cells.map(({ flag, words }) => [flag, words])).toEqual([
      ['true', 'true'],
      ['false', 'false'],
      [null, null],
    ]);
    expect(cells.map(({ price }) => price && Number(price))).toEqual([1.5, -0.05, null]);
    await host.dataSource.query('DROP VIEW flag_call');
  });

  it('of assistants cannot be filtered by if assistants is false', async () => {
    const { calls } = hostEntities(type);
    const host = await start({ entities: hostEntities(type), otherEntities: [] });
    await host.startApps({ calls, assistants: false });
    for (const service of host.services) {
      const refusal = new TypeError('There are no assistants: leave assistantId out');
      await expect(service.export(7, { assistantId: 1 })).rejects.toThrow(refusal);
      await expect(service.count(7, { assistantId: 1 })).rejects.toThrow(refusal);
    }
  });

  if (kind !== 'PostgreSQL server') return;

  it('that are keys, filtered by or exported are the only ones that the database user must be able to read', async () => {
    const admin = await start();
    await addRelated(admin);
    const role = `calls_test_${randomBytes(6).toString('hex')}`;
    const keys = ['id', '"accountId"', '"assistantId"', 'status', '"startedAt"'];
    await admin.dataSource.query(`CREATE ROLE ${role} LOGIN`);
    try {
      await admin.dataSource.query(
        `GRANT SELECT (${keys.join(', ')}, "callSid", "billingTotalAmount") ON related_call TO ${role}`,
      );
      await admin.dataSource.query(
        `GRANT SELECT (id, "accountId", name) ON related_assistant TO ${role}`,
      );
      const url = new URL(database.url);
      url.username = role;
      const dataSource = await new DataSource({
        ...admin.dataSource.options,
        url: url.href,
      } as never).initialize();
      const host = admin.on(dataSource);
      await host.startApps();
      for (const selection of [
        { view: 'few' },
        { view: 'names' },
        { view: 'names', status: 'busy', assistantId: 1, startedFrom: new Date(0) },
      ]) {
        expect(await host.export(7, selection)).toEqual(await admin.find(() => true, selection));
      }
      for (const service of host.services)
        await expect(service.export(7)).rejects.toThrow('permission denied');
      await host.close();
    } finally {
      await admin.dataSource.query(`DROP OWNED BY ${role}`);
      await admin.dataSource.query(`DROP ROLE ${role}`);
    }
  });
});
