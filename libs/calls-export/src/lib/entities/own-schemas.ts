import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { Assistant } from './assistant.entity';
import { Call } from './call.entity';
import { schemaColumns } from './schema-columns';

/** Changes the definition of a column of `Call` or `Assistant`; `property` is its property name. */
type ChangeColumn = (
  column: EntitySchemaColumnOptions,
  property: string,
) => EntitySchemaColumnOptions;

/**
 * Returns schemas for `Call` and `Assistant` with other column types than the classes declare.
 *
 * They have the same tables, indexes and relation, and the classes are their targets.
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
            // The class, since another entity may have the same name.
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
