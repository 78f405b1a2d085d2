import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { Assistant } from './assistant.entity';
import { Call } from './call.entity';
import type { AssistantField, CallField } from './mapped-entity';
import type { EntitySchemas, WithoutAssistants } from './portable-entities';
import { schemaColumns } from './schema-columns';

/**
 * An existing table or view and the names of its columns.
 *
 * @publicApi
 */
export interface TableNames<Field extends string> {
  /** The name of the table or view. */
  readonly table: string;
  /** The schema of the table. Default: the connection's default schema. */
  readonly schema?: string;
  /** Column names by field, for those that differ from the library's own tables. */
  readonly columns?: Readonly<Partial<Record<Field, string>>>;
  /** The type of the ids; use `text` for UUIDs too. Default `integer`. */
  readonly idType?: 'integer' | 'text';
  /**
   * Additional columns, as in an `EntitySchema`. The keys are the properties to name in the module option
   * `columns`.
   *
   * @example
   * { price: { type: 'numeric' }, recordedAt: { name: 'recorded_at', type: 'timestamptz' } }
   */
  readonly moreColumns?: Readonly<Record<string, EntitySchemaColumnOptions>>;
}

/**
 * A table of calls. If its ids do not grow, `columns` must name `createdAt`; see `MappedCalls`.
 *
 * @publicApi
 */
export interface CallsTable extends TableNames<CallField> {
  /** Whether ids grow with each new call. Default: true for integers, unless `columns` names `createdAt`. */
  readonly idsGrow?: boolean;
}

/**
 * Options of `entitiesOnTables`.
 *
 * @publicApi
 */
export interface TablesOptions {
  /** The table of calls. Default: `calls`. */
  readonly calls?: CallsTable;
  /** The table of assistants, or false if there are none. Default: `assistants`. */
  readonly assistants?: TableNames<AssistantField> | false;
  /** The type of the account column in both tables. Default `integer`. */
  readonly accountType?: 'integer' | 'text';
}

/**
 * Returns the entity of calls in an existing table, without assistants; see the other overload.
 *
 * @publicApi
 */
export function entitiesOnTables(options: TablesOptions & WithoutAssistants): EntitySchemas<false>;
/**
 * Returns entities that read calls and assistants from existing tables or views. TypeORM's `synchronize`
 * does not change these tables.
 *
 * The columns must hold the same kind of values as those of `Call` and `Assistant`; times without a
 * zone are in the zone that the driver assumes. For tables with another layout, create a view. On MySQL, a
 * custom entity that declares the index on account and id is faster, because queries can name the index.
 *
 * @throws Error if `columns` has an unknown field.
 *
 * @example
 * CallsExportModule.forRoot({
 *   ...entitiesOnTables({
 *     calls: { table: 'phone_calls', columns: { accountId: 'tenant_id', callSid: 'sid' } },
 *     assistants: { table: 'agents', columns: { accountId: 'tenant_id' } },
 *   }),
 * })
 *
 * @publicApi
 */
export function entitiesOnTables(
  options?: TablesOptions & { readonly assistants?: TableNames<AssistantField> },
): EntitySchemas;
export function entitiesOnTables({
  calls = { table: 'calls' },
  assistants = { table: 'assistants' },
  accountType = 'integer',
}: TablesOptions = {}): EntitySchemas<EntitySchemas['assistants'] | false> {
  const { columns, idType = 'integer' } = calls;
  const byCreation = columns?.createdAt !== undefined;
  const idsGrow = calls.idsGrow ?? (idType === 'integer' && !byCreation);
  const types = {
    accountId: accountType,
    id: idType,
    assistantId: (assistants && assistants.idType) || 'integer',
  };
  return {
    calls: {
      entity: onTable(calls, Call, types, [
        ...(idsGrow ? ['createdAt'] : []),
        ...(assistants ? [] : ['assistantId']),
      ]),
      idsGrow,
    },
    assistants: assistants && {
      entity: onTable(assistants, Assistant, { ...types, id: types.assistantId }, []),
    },
  };
}

type KeyTypes = Readonly<Record<string, 'integer' | 'text'>>;

function onTable(
  { table, schema, columns: names, moreColumns }: TableNames<string>,
  entity: typeof Call | typeof Assistant,
  types: KeyTypes,
  unused: readonly string[],
): EntitySchema {
  const own = Object.entries(schemaColumns(entity));
  const fields = own.map(([field]) => field);
  const given: Record<string, string | undefined> = { ...names };
  const unknown = Object.keys(given).find((field) => !fields.includes(field));
  if (unknown !== undefined) {
    throw new Error(
      `entitiesOnTables: unknown field ${unknown} in the columns of ${table}, ` +
        `expected one of ${fields.join(', ')}`,
    );
  }
  const columns = own
    .filter(([field]) => !unused.includes(field))
    .map(([field, { name, type, primary }]) => [
      field,
      {
        name: given[field] ?? name,
        type: types[field] === 'text' ? 'text' : readableType(type),
        primary,
      },
    ]);
  // No dot, since TypeORM would parse the name as a table path.
  const name = `CallsExport:${schema === undefined ? '' : `${schema}/`}${table}`;
  // A class as the target, since TypeORM would match a bare name with a table name.
  const target = { [name]: class {} }[name];
  return new EntitySchema({
    name,
    target,
    tableName: table,
    schema,
    synchronize: false,
    columns: { ...moreColumns, ...Object.fromEntries(columns) },
  });
}

/** Returns the widest type of a kind, since only the database knows the real type. */
function readableType(type: EntitySchemaColumnOptions['type']): EntitySchemaColumnOptions['type'] {
  if (type === 'timestamptz') return Date;
  return type === 'int' || type === 'bigint' ? 'bigint' : 'text';
}
