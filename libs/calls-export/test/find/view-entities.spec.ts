// @slow
import { EntitySchema, ViewColumn, ViewEntity } from 'typeorm';
import { InvalidAfterError } from '../../src';
import { expectContinued } from './continued';
import { describeKinds } from './describe-kinds';
import { type DatabaseType, type HostEntities, hostEntities } from './entities';
import { FindHost } from './find-host';
import { addPlain, call, expectAllFound } from './plain-calls';
import { unlessRefused } from './refused';

/** Tables whose columns need no quotes, for views on them. */
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

describeKinds('Entities', (database, type) => {
  it('that are views, whose columns have no types, are exported as find() returns them', async () => {
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
    // On SQLite, find() returns times as text without a zone.
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

  it('with a duplicate assistant do not duplicate calls', async () => {
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
});
