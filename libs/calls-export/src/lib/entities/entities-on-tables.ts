import { EntitySchema, type EntitySchemaColumnOptions } from 'typeorm';
import { Assistant } from './assistant.entity';
import { Call } from './call.entity';
import type { AssistantField, CallField } from './mapped-entity';
import type { EntitySchemas, WithoutAssistants } from './portable-entities';
import { schemaColumns } from './schema-columns';

/** A table of the host's, or a view, and the names of its columns. */
export interface TableNames<Field extends string> {
  /** The name of the table or view. */
  readonly table: string;
  /** The schema that it is in. Default the one that the database looks into. */
  readonly schema?: string;
  /** The columns that are not called as in the library's own table. */
  readonly columns?: Readonly<Partial<Record<Field, string>>>;
  /** What its ids are: `text` is for UUIDs as well. Default `integer`. */
  readonly idType?: 'integer' | 'text';
  /**
   * Further columns, by the properties that the option `columns` of the module names them by: those of an `EntitySchema`.
   *
   * @example { price: { type: 'numeric' }, recordedAt: { name: 'recorded_at', type: 'timestamptz' } }
   */
  readonly moreColumns?: Readonly<Record<string, EntitySchemaColumnOptions>>;
}

/** A table of calls. Where its ids do not grow, `columns` name `createdAt`: see `MappedCalls`. */
export interface CallsTable extends TableNames<CallField> {
  /** Whether ids grow. Default: integers do, unless `columns` name `createdAt`. */
  readonly idsGrow?: boolean;
}

/** What `entitiesOnTables` takes. */
export interface TablesOptions {
  /** Default the table `calls`. */
  readonly calls?: CallsTable;
  /** False if there are none. Default the table `assistants`. */
  readonly assistants?: TableNames<AssistantField> | false;
  /** What an account is in both tables. Default `integer`. */
  readonly accountType?: 'integer' | 'text';
}

/**
 * Entities to read calls and assistants from tables that are there already, in a host that has no entities for them. TypeORM's
 * `synchronize` leaves the tables alone. On MySQL an entity of the host's with the index on the account and the id is faster.
 *
 * The columns hold what those of `Call` and `Assistant` do; a time without a zone is taken for UTC. A view makes that of any other table.
 */
export function entitiesOnTables(options: TablesOptions & WithoutAssistants): EntitySchemas<false>;
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
      `${unknown} is none of the columns that ${table} is read for: ${fields.join(', ')}`,
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
    columns: { ...moreColumns, ...Object.fromEntries(columns) },
  });
}

/** The widest type of a kind: what the column really is, only the database knows. */
function readableType(type: EntitySchemaColumnOptions['type']): EntitySchemaColumnOptions['type'] {
  if (type === 'timestamptz') return Date;
  return type === 'int' || type === 'bigint' ? 'bigint' : 'text';
}
