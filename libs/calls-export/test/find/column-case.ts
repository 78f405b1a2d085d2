import type { TestDatabase } from '@calls/testing';
import type { EntitySchemaColumnOptions } from 'typeorm';
import type { KindCase } from './describe-kinds';
import { type Columns, type DatabaseType, hostEntities } from './entities';
import { expectFound, FindHost } from './find-host';
import { unlessRefused } from './refused';
import type { Retyped } from './retyped';

/** A column type, and the values to store. */
export interface ColumnCase extends KindCase, Partial<Retyped> {
  readonly column: Partial<EntitySchemaColumnOptions>;
  /** The stored values. Null is added. */
  readonly values: readonly unknown[];
  /** Whether the module may fail on start, rather than export the same value as `find()`. */
  readonly mayBeRefused?: boolean;
}

/** Stores the values in a field of calls, and expects the export to match `find()`. */
export async function checkColumn(
  database: TestDatabase,
  type: DatabaseType,
  field: string,
  { column, before, after = [], values, mayBeRefused }: ColumnCase,
): Promise<void> {
  const columns: Columns = { [field]: { ...column, nullable: true } };
  const host = await FindHost.connect(database, { entities: hostEntities(type, columns), before });
  for (const sql of after) await host.dataSource.query(sql);
  for (const [index, value] of [...values, null].entries()) {
    await host.add('calls', { id: index + 1, accountId: 7, callSid: 'CA', [field]: value });
  }
  const checks = async () => expect(await expectFound(host, 7)).toHaveLength(values.length + 1);
  if (mayBeRefused) return unlessRefused(host, field, checks);
  await host.startApps();
  await checks();
}
