import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import type { AssistantField, CallField } from '../calls-entities';
import type { EntitySchemas } from './portable-entities';

/** A table of the host's, or a view, and the names of its columns. */
export interface TableNames<Field extends string> {
  readonly table: string;
  /** The schema that it is in. Default the one that the database looks into. */
  readonly schema?: string;
  /** The columns that are not called as in the library's own table. */
  readonly columns?: Readonly<Partial<Record<Field, string>>>;
}

/** What `entitiesOnTables` takes. */
export interface TablesOptions {
  /** Default the table `calls`. */
  readonly calls?: TableNames<CallField>;
  /** Default the table `assistants`. */
  readonly assistants?: TableNames<AssistantField>;
  /** What an account is in both tables. Default `integer`. */
  readonly accountType?: 'integer' | 'text';
}

/**
 * Entities to read calls and assistants from tables that are there already, in a host that has no entities for them. TypeORM's
 * `synchronize` leaves the tables alone. On MySQL an entity of the host's with the index on the account and the id is faster.
 *
 * The columns hold what those of `Call` and `Assistant` do; a time without a zone is taken for UTC. A view makes that of any other table.
 */
export function entitiesOnTables({
  calls = { table: 'calls' },
  assistants = { table: 'assistants' },
  accountType = 'integer',
}: TablesOptions): EntitySchemas {
  const account = { type: accountType === 'integer' ? 'bigint' : 'text' } as const;
  const callColumns: Record<CallField, EntitySchemaColumnOptions> = {
    id: { name: 'id', type: 'bigint', primary: true },
    accountId: { name: 'account_id', ...account },
    callSid: { name: 'call_sid', type: 'text' },
    assistantId: { name: 'assistant_id', type: 'bigint' },
    customerPhoneNumber: { name: 'customer_phone_number', type: 'text' },
    status: { name: 'status', type: 'text' },
    duration: { name: 'duration', type: 'int' },
    startedAt: { name: 'started_at', type: Date },
    endedAt: { name: 'ended_at', type: Date },
  };
  const assistantColumns: Record<AssistantField, EntitySchemaColumnOptions> = {
    id: { name: 'id', type: 'bigint', primary: true },
    accountId: { name: 'account_id', ...account },
    name: { name: 'name', type: 'text' },
  };
  return {
    calls: { entity: onTable(calls, callColumns) },
    assistants: { entity: onTable(assistants, assistantColumns) },
  };
}

function onTable<Field extends string>(
  { table, schema, columns: names }: TableNames<Field>,
  columns: Record<Field, EntitySchemaColumnOptions>,
): EntitySchema {
  const given: Record<string, string | undefined> = { ...names };
  const unknown = Object.keys(given).find((field) => !Object.hasOwn(columns, field));
  if (unknown !== undefined) {
    throw new Error(
      `${unknown} is none of the columns that ${table} is read for: ${Object.keys(columns).join(', ')}`,
    );
  }
  const named = Object.entries<EntitySchemaColumnOptions>(columns).map(([field, column]) => [
    field,
    { ...column, name: given[field] ?? column.name },
  ]);
  // Without a dot, which TypeORM would take for the path of a table.
  const name = `CallsExport:${schema === undefined ? '' : `${schema}/`}${table}`;
  // A class of its own, since TypeORM would take a name alone for a table's.
  const target = { [name]: class {} }[name];
  return new EntitySchema({
    name,
    target,
    tableName: table,
    schema,
    synchronize: false,
    columns: Object.fromEntries(named),
  });
}
