import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { Assistant } from './assistant.entity';
import { Call } from './call.entity';
import { schemaColumns } from './schema-columns';

/** Changes a column of `Call` or `Assistant`, which it is told by the property. */
type ChangeColumn = (
  column: EntitySchemaColumnOptions,
  property: string,
) => EntitySchemaColumnOptions;

/**
 * `Call` and `Assistant` on the library's own tables, with their indexes and relation, where their columns have other types than the
 * classes say. TypeORM knows them by the classes.
 */
export function ownSchemas(
  change: ChangeColumn,
  hasAssistants = true,
): { calls: EntitySchema; assistants: EntitySchema } {
  const columns = (entity: typeof Call | typeof Assistant) =>
    Object.fromEntries(
      Object.entries(schemaColumns(entity)).map(([property, column]) => [
        property,
        change(column, property),
      ]),
    );
  const assistants = new EntitySchema<Assistant>({
    name: 'Assistant',
    target: Assistant,
    tableName: 'assistants',
    columns: columns(Assistant) as never,
    indices: [{ name: 'assistants_account_id', columns: ['accountId'] }],
  });
  const calls = new EntitySchema<Call>({
    name: 'Call',
    target: Call,
    tableName: 'calls',
    columns: columns(Call) as never,
    relations: hasAssistants
      ? {
          assistant: {
            type: 'many-to-one',
            // By its name it might be another entity.
            target: () => Assistant,
            nullable: true,
            onDelete: 'SET NULL',
            joinColumn: {
              name: 'assistant_id',
              foreignKeyConstraintName: 'calls_assistant_id_fkey',
            },
          },
        }
      : undefined,
    indices: [
      { name: 'calls_account_id_id', columns: ['accountId', 'id'] },
      { name: 'calls_account_id_started_at_id', columns: ['accountId', 'startedAt', 'id'] },
      { name: 'calls_assistant_id_id', columns: ['assistantId', 'id'] },
    ],
  });
  return { calls, assistants };
}
