import { text } from 'node:stream/consumers';
import type { EntitySchemaColumnOptions } from 'typeorm';
import { UnexportableCallError } from '../../src';
import { describeKinds } from './describe-kinds';
import { type DatabaseType, hostEntities } from './entities';
import { FindHost } from './find-host';
import { mysqlWithSession } from './sessions';

const LENIENT = { timezone: 'Z', driver: mysqlWithSession("SET sql_mode = ''") };
const UNWRITABLE: Readonly<
  Record<DatabaseType, readonly (readonly [Partial<EntitySchemaColumnOptions>, string])[]>
> = {
  postgres: (['timestamp', 'timestamptz'] as const).flatMap((type) =>
    ['infinity', '-infinity', '0044-03-15 12:00:00 BC', '10000-01-02 00:00:00', '294276-01-01'].map(
      (time) => [{ type }, time] as const,
    ),
  ),
  mariadb: [
    [{ type: 'datetime' }, '0000-00-00 00:00:00'],
    [{ type: 'datetime' }, '2023-00-10 00:00:00'],
  ],
  sqljs: ['infinity', 'no time', '+010000-01-01T00:00:00.000Z'].map(
    (time) => [{ type: 'datetime' }, time] as const,
  ),
};

describeKinds('A time that cannot be exported', (database, type) => {
  it.each(
    UNWRITABLE[type].flatMap(
      ([column, time]) =>
        [
          [column, 'startedAt', time, 5],
          [column, 'endedAt', time, -5],
        ] as const,
    ),
  )('fails the export: %j %s %s of call %d', async (column, field, time, id) => {
    const host = await FindHost.start(database, {
      entities: hostEntities(type, { [field]: column }),
      ...(type === 'mariadb' && { dataSource: LENIENT }),
    });
    await host.add('calls', { id: 1, accountId: 7, callSid: 'CA', [field]: null });
    await host.add('calls', { id, accountId: 7, callSid: 'CA', [field]: time });
    const key = field === 'startedAt' ? 'started_at' : 'ended_at';
    for (const service of host.services) {
      for (const format of ['csv', 'json'] as const) {
        const reading = async () => text(await service.export(7, { format }));
        await expect(reading()).rejects.toThrow(new UnexportableCallError(String(id), key));
      }
    }
  });
});
