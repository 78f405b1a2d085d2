import { type DataSourceOptions, EntitySchema, type EntitySchemaOptions } from 'typeorm';
import { Assistant } from './assistant.entity';
import { Call } from './call.entity';

/** The options `calls` and `assistants` of the module. Where entities are not loaded automatically, the DataSource lists them too. */
export interface EntitySchemas {
  readonly calls: { readonly entity: EntitySchema };
  readonly assistants: { readonly entity: EntitySchema };
}

/**
 * The library's own tables for a DataSource that is not on PostgreSQL, whose column types `Call` and `Assistant` have.
 *
 * Times are kept in the database's `datetime`, to the microsecond where it can; what zone they are in is the driver's
 * setting (`timezone` of mysql2; UTC in SQLite).
 */
export function portableEntities(type: DataSourceOptions['type']): EntitySchemas {
  const isMysql = type === 'mysql' || type === 'mariadb';
  const time = { type: Date, nullable: true, ...(isMysql && { precision: 6 }) } as const;

  const assistants = new EntitySchema<Assistant>({
    name: 'Assistant',
    target: Assistant,
    tableName: 'assistants',
    columns: {
      id: { type: Number, primary: true, generated: 'increment' },
      accountId: { name: 'account_id', type: 'int' },
      name: { type: 'text' },
    },
    indices: [{ name: 'assistants_account_id', columns: ['accountId'] }],
  });
  const calls = new EntitySchema<Call>({
    name: 'Call',
    target: Call,
    tableName: 'calls',
    columns: {
      // SQLite counts up in a column of the type `integer` alone, which holds 64 bits there.
      id: { type: isMysql ? 'bigint' : 'integer', primary: true, generated: 'increment' },
      accountId: { name: 'account_id', type: 'int' },
      callSid: { name: 'call_sid', type: 'varchar', length: 34, unique: true },
      assistantId: { name: 'assistant_id', type: 'int', nullable: true },
      customerPhoneNumber: { name: 'customer_phone_number', type: 'varchar', nullable: true },
      status: { type: 'varchar' },
      duration: { type: 'int', nullable: true },
      startedAt: { name: 'started_at', ...time },
      endedAt: { name: 'ended_at', ...time },
      createdAt: { name: 'created_at', ...time, nullable: false, createDate: true },
    },
    relations: {
      assistant: {
        type: 'many-to-one',
        target: 'Assistant',
        nullable: true,
        onDelete: 'SET NULL',
        joinColumn: {
          name: 'assistant_id',
          foreignKeyConstraintName: 'calls_assistant_id_fkey',
        },
      },
    },
    indices: [
      { name: 'calls_account_id_id', columns: ['accountId', 'id'] },
      { name: 'calls_account_id_started_at_id', columns: ['accountId', 'startedAt', 'id'] },
      { name: 'calls_assistant_id_id', columns: ['assistantId', 'id'] },
    ],
  } satisfies EntitySchemaOptions<Call>);
  return { calls: { entity: calls }, assistants: { entity: assistants } };
}
